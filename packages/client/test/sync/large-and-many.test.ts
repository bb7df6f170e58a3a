import { describe, expect, test } from "vitest";
import { SyncMessageHandlerBase, SyncRequestHandlerBase } from "../../src/index.ts";
import { Logbook } from "../contract/logbook.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

const MEGABYTE = 1_000_000;
/** 17 bytes, often enough. */
const LARGE = "µ→語😀.....".repeat(300_000);

describe("5 MB", () => {
  test("come back from another device as they went", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    expect(client.request({ ...gains(target), body: LARGE }).body === LARGE).toBe(true);
  });

  test("pass handlers in both directions as they went", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const seen: unknown[] = [];
    client.addMessageHandler(
      new SyncRequestHandlerBase({
        process: (self, topic, request) => {
          seen.push(request.body === LARGE);
          self.respond(topic, request, { body: request.body });
        },
      }),
    );
    client.addMessageHandler(
      new SyncRequestHandlerBase({
        direction: "outgoing",
        process: (_client, _topic, request) => ({ ...request, body: LARGE }),
      }),
    );
    expect(client.request({ ...gains(client.identifier), body: 1 }).body === LARGE).toBe(true);
    expect(seen).toEqual([true]);
  });

  test("are published as they are", async () => {
    await using scene = await SyncScene.start();
    const peer = await scene.peer();
    const heard = await peer.listen("a/b");
    scene.client().publish("a/b", { body: LARGE });
    const { text } = await heard.next();
    expect(JSON.parse(text).body === LARGE).toBe(true);
  });
});

describe("10,000 messages, to a client that is busy with the first one,", () => {
  const COUNT = 10_000;
  const LIMITS = { maxConcurrentRequests: 4, maxQueuedRequests: 50 } as const;
  const BYTES = 1_000;
  const PATIENCE_MS = 15_000;

  test("are bounded: what is too much is dropped, and counted", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client({ ...LIMITS, logger: new Logbook() });
    const peer = await scene.peer();
    const bodies: number[] = [];
    const endsAt = performance.now() + PATIENCE_MS;
    const isLate = (): boolean => performance.now() > endsAt;
    const overloaded = (): number => client.statistics.overloaded;
    client.subscribe("the/radio");
    client.addMessageHandler(
      new SyncMessageHandlerBase({
        process: (_client, _topic, { body }) => {
          bodies.push(Number(Reflect.get(Object(body), "index")));
          while (bodies.length === 1 && overloaded() < COUNT / 2 && !isLate());
        },
      }),
    );
    const before = process.memoryUsage().rss;
    for (let index = 0; index < COUNT; index += 1) {
      const body = { index, text: "x".repeat(BYTES) };
      peer.send({ topic: "the/radio", payload: JSON.stringify({ body }) });
    }
    while (bodies.length + overloaded() < COUNT && !isLate()) client.sleep(20);
    expect(bodies.length + overloaded()).toBe(COUNT);
    expect(overloaded()).toBeGreaterThan(COUNT / 4);
    expect(bodies).toEqual(bodies.toSorted((a, b) => a - b));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MEGABYTE);
  });
});
