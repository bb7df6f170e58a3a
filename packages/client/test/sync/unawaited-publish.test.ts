import { describe, expect, test } from "vitest";
import { GatewayTimeoutResponse, PayloadValidationError, TopicError } from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import { Logbook } from "../contract/logbook.ts";
import { SyncScene } from "./sync-scene.ts";
import type { SceneClientOptions } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

const UNAWAITED = { wait: false } as const;
/** So many messages may be under way. */
const MOST = 1_000;
/** Long enough for what never comes. */
const SHORT_MS = 100;

/** A client whose link says nothing any more. */
const silentLink = async (
  scene: SyncScene,
  options: SceneClientOptions = {},
): Promise<SyncMQTTClient> => {
  const proxy = await scene.proxy();
  const client = scene.client({ broker: proxy.url, ...options });
  await proxy.freeze();
  return client;
};

describe("publish() with wait: false", () => {
  test("returns while the broker has not acknowledged the message", async () => {
    await using scene = await SyncScene.start();
    const client = await silentLink(scene);
    client.publish("a/b", { body: 1 }, { ...UNAWAITED, qos: 1 });
    const limits = { qos: 1, timeoutMs: SHORT_MS } as const;
    expect(errorOf(() => client.publish("a/b", { body: 1 }, limits)).message).toContain(
      `${String(SHORT_MS)} ms`,
    );
  });

  test("keeps the order, among itself and with those that are waited for", async () => {
    await using scene = await SyncScene.start();
    const peer = await scene.peer();
    const heard = await peer.listen("a/b");
    const client = scene.client();
    const bodies = Array.from({ length: 100 }, (_, body) => body);
    for (const body of bodies) {
      client.publish("a/b", { body }, body % 10 === 9 ? {} : UNAWAITED);
    }
    const received = await heard.take(bodies.length);
    expect(received.map(({ text }) => JSON.parse(text).body)).toEqual(bodies);
  });

  test("is delivered without any further call", async () => {
    await using scene = await SyncScene.start();
    const peer = await scene.peer();
    const heard = await peer.listen("a/b");
    scene.client().publish("a/b", { body: "alone" }, UNAWAITED);
    expect(JSON.parse((await heard.next()).text)).toEqual({ body: "alone" });
  });

  test("logs a failure, and throws nothing", async () => {
    await using scene = await SyncScene.start();
    const logger = new Logbook();
    const client = await silentLink(scene, { logger });
    client.publish("a/b", { body: 1 }, { ...UNAWAITED, qos: 1, timeoutMs: SHORT_MS });
    const { level, fields } = await logger.entries.next(
      ({ message }) => message === "a publish that nobody waited for failed",
    );
    expect(level).toBe("warn");
    expect(fields["error"]).toMatchObject({
      message: expect.stringContaining(`${String(SHORT_MS)} ms`),
    });
  });

  test("throws at once where there is no connection", async () => {
    await using scene = await SyncScene.start();
    const client = scene.newClient();
    const publish = (): void => client.publish("a/b", { body: 1 }, UNAWAITED);
    expect(errorOf(publish)).toMatchObject({ code: "NOT_CONNECTED", operation: "publish" });
    client.connect();
    client.disconnect();
    expect(errorOf(publish)).toMatchObject({ code: "CLIENT_CLOSED", operation: "publish" });
  });

  test("throws at once for what cannot be sent", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const publish = (topic: string, body: unknown): Error =>
      errorOf(() => client.publish(topic, { body }, UNAWAITED));
    expect(publish("a/#", 1)).toBeInstanceOf(TopicError);
    expect(publish("a/b", NaN)).toBeInstanceOf(PayloadValidationError);
  });

  test("waits for room where so many are under way already, until its deadline", async () => {
    await using scene = await SyncScene.start();
    const client = await silentLink(scene);
    const publish = (timeoutMs?: number): void =>
      client.publish("a/b", { body: 1 }, { ...UNAWAITED, qos: 1, timeoutMs });
    for (let count = 0; count < MOST; count += 1) publish();
    const startedAt = performance.now();
    const error = errorOf(() => publish(SHORT_MS));
    expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    expect(error.message).toContain("too many are under way");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(SHORT_MS - 1);
  });

  test("goes on when there is room again, and loses nothing", async () => {
    await using scene = await SyncScene.start();
    const peer = await scene.peer();
    const heard = await peer.listen("a/b");
    const client = scene.client();
    const bodies = Array.from({ length: 3 * MOST }, (_, body) => body);
    for (const body of bodies) client.publish("a/b", { body }, { ...UNAWAITED, qos: 1 });
    const received = await heard.take(bodies.length);
    expect(received.map(({ text }) => JSON.parse(text).body)).toEqual(bodies);
  });
});
