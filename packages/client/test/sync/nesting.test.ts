import { describe, expect, test } from "vitest";
import {
  InternalServerErrorResponse,
  NestedCallError,
  SyncRequestHandlerBase,
} from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import { Logbook } from "../contract/logbook.ts";
import { responseTopicOf } from "../contract/devices.ts";
import { SyncScene, gains, requestTo } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

/** How many handlers may be under way, one within the call of the other. */
const DEEPEST = 32;
/** More than a client handles at once, and more than may be nested. */
const FLOOD = 200;

/** Answers with the sum of the numbers up to the one asked for, by asking itself for the one before. */
const addUp = (client: SyncMQTTClient): void => {
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: (self, topic, request) => {
        const number = Number(request.body);
        const rest = number === 0 ? 0 : Number(ask(self, number - 1));
        self.respond(topic, request, { body: number + rest });
      },
    }),
  );
};

const ask = (client: SyncMQTTClient, body: number): unknown =>
  client.request({ ...gains(client.identifier), body }).body;

describe("a handler that requests something of its own client", () => {
  test.each([1, 30])("is answered when %i of its kind are nested", async (depth) => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    addUp(client);
    expect(ask(client, depth)).toBe((depth * (depth + 1)) / 2);
  });

  test("beyond the bound is told so, and nothing hangs", async () => {
    await using scene = await SyncScene.start();
    const logger = new Logbook();
    const client = scene.client({ logger });
    addUp(client);
    expect(errorOf(() => ask(client, 1_000))).toBeInstanceOf(InternalServerErrorResponse);
    const nested = logger.errors.filter((error) => error instanceof NestedCallError);
    expect(nested).toHaveLength(1);
    expect(nested[0]).toMatchObject({
      code: "NESTED_TOO_DEEP",
      operation: "request",
      depth: DEEPEST,
      message: expect.stringContaining("let a handler answer before it calls"),
    });
  });

  test("is served again after the bound was met", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    addUp(client);
    errorOf(() => ask(client, 1_000));
    expect(ask(client, 4)).toBe(10);
  });
});

describe("a flood of requests whose handlers call", () => {
  const flood = async (
    client: SyncMQTTClient,
    scene: SyncScene,
    act: (body: unknown) => unknown,
  ): Promise<readonly number[]> => {
    client.addMessageHandler(
      new SyncRequestHandlerBase({
        process: (self, topic, request) =>
          self.respond(topic, request, { body: act(request.body) }),
      }),
    );
    const peer = await scene.peer();
    const answers = await peer.listen(responseTopicOf(requestTo(client, "").topic));
    for (let body = 0; body < FLOOD; body += 1) {
      peer.send(requestTo(client, `request-${String(body)}`, body));
    }
    // Parked, so that all of it happens within calls.
    client.sleep(1_000);
    const heard = await answers.take(FLOOD);
    return heard.map(({ text }) => Number(JSON.parse(text).body)).toSorted((a, b) => a - b);
  };

  const bodies = Array.from({ length: FLOOD }, (_, body) => body);

  test("another device are all answered", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    const answered = await flood(
      client,
      scene,
      (body) => client.request({ ...gains(target), body }).body,
    );
    expect(answered).toEqual(bodies);
  });

  test("publish() and subscribe() are all answered", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const answered = await flood(client, scene, (body) => {
      client.publish("log/entry", { body }, { qos: 1 });
      client.subscribe(`log/${String(body)}`);
      return body;
    });
    expect(answered).toEqual(bodies);
  });
});
