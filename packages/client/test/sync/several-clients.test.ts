import { describe, expect, test } from "vitest";
import { ClientClosedError, SyncRequestHandlerBase } from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import { SyncScene, gains, requestTo } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

const ask = (client: SyncMQTTClient, { identifier }: SyncMQTTClient): unknown =>
  client.request(gains(identifier)).body;

/** Answers every request with what `body` gives, which may ask others. */
const serve = (client: SyncMQTTClient, body: () => unknown): void => {
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: (self, topic, request) => {
        self.respond(topic, request, { body: body() });
      },
    }),
  );
};

describe("several blocking clients in one thread", () => {
  test("ask each other", async () => {
    await using scene = await SyncScene.start();
    const [one, other] = [scene.client(), scene.client()];
    serve(one, () => "one");
    serve(other, () => "other");
    expect(ask(one, other)).toBe("other");
    expect(ask(other, one)).toBe("one");
  });

  test("ask each other from within their handlers, in a ring of three", async () => {
    await using scene = await SyncScene.start();
    const [a, b, c] = [scene.client(), scene.client(), scene.client()];
    serve(a, () => "a");
    serve(c, () => `c ${String(ask(c, a))}`);
    serve(b, () => `b ${String(ask(b, c))}`);
    expect(ask(a, b)).toBe("b c a");
  });

  test("are all served while one of them sleeps or runs, and while one that is not connected does", async () => {
    await using scene = await SyncScene.start();
    const [sleeping, serving, idle] = [scene.client(), scene.client(), scene.newClient()];
    const peer = await scene.peer();
    const seen: number[] = [];
    const stop = new AbortController();
    serve(serving, () => {
      seen.push(seen.length);
      if (seen.length === 2) stop.abort();
      return null;
    });
    peer.send(requestTo(serving, "first"));
    for (let rounds = 0; seen.length < 1 && rounds < 100; rounds += 1) sleeping.sleep(50);
    expect(seen).toEqual([0]);
    peer.send(requestTo(serving, "second"));
    sleeping.run({ signal: stop.signal, timeoutMs: 5_000 });
    expect(seen).toEqual([0, 1]);
    peer.send(requestTo(serving, "third"));
    for (let rounds = 0; seen.length < 3 && rounds < 100; rounds += 1) idle.sleep(50);
    expect(seen).toEqual([0, 1, 2]);
  });

  test("can be disconnected within the call of another, whose own call ends then", async () => {
    await using scene = await SyncScene.start();
    const [waiting, serving] = [scene.client(), scene.client()];
    serve(serving, () => {
      waiting.disconnect();
      return null;
    });
    const error = errorOf(() => ask(waiting, serving));
    expect(error).toBeInstanceOf(ClientClosedError);
    expect(error).toMatchObject({ operation: "get a response", wasPending: true });
    expect([waiting.state, serving.state]).toEqual(["closed", "online"]);
  });

  test("hear in each other's calls that one was lost", async () => {
    await using scene = await SyncScene.start();
    const [one, other] = [scene.client(), scene.client()];
    const states: string[] = [];
    other.on("state", (next) => states.push(next));
    serve(one, () => {
      other.disconnect();
      return "still there";
    });
    expect(ask(one, one)).toBe("still there");
    expect(states).toEqual(["closed"]);
  });
});

describe("a blocking device", () => {
  test("that requests itself is answered by itself", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    serve(client, () => "myself");
    expect(ask(client, client)).toBe("myself");
  });
});
