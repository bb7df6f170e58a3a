import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { ClientClosedError, SyncRequestHandlerBase, WorkerLostError } from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import { States } from "../contract/states.ts";
import { SyncScene, gains, requestTo } from "./sync-scene.ts";
import { tamperWithWorkers } from "./tampered-worker.ts";
import { errorOf } from "./thrown-by.ts";

/** For what is told at once; the loaded machine is what takes time. */
const AT_ONCE_MS = 2_000;

const onRequest = (client: SyncMQTTClient, act: () => void): void => {
  client.addMessageHandler(new SyncRequestHandlerBase({ process: act }));
};

const echoing = (client: SyncMQTTClient): void => {
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: (self, topic, request) => self.respond(topic, request, { body: request.body }),
    }),
  );
};

describe("a worker that dies while request() waits", () => {
  test.each([
    ["throws", /it threw/],
    ["exits", /it ended/],
  ] as const)("when it %s, is told at once", async (death, why) => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    onRequest(client, () => workers.die(death));
    const startedAt = performance.now();
    const error = errorOf(() => client.request(gains(client.identifier)));
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error).toBeInstanceOf(ClientClosedError);
    expect(error).toMatchObject({ code: "WORKER_LOST", operation: "request", wasPending: true });
    expect(error.message).toMatch(why);
  });

  test("of an error, is told with the error as the cause", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    onRequest(client, () => workers.die("throws"));
    const { cause } = errorOf(() => client.request(gains(client.identifier)));
    expect(cause).toBeInstanceOf(RangeError);
    expect(cause).toMatchObject({ message: "the worker is broken" });
  });

  test("without a word, by being terminated, is told at once", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client({ timeoutMs: 60_000 });
    onRequest(client, () => workers.terminate());
    const startedAt = performance.now();
    const error = errorOf(() => client.request(gains(client.identifier)));
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error.message).toContain("it ended");
  });

  test("or as good as that, in a loop without end, is noticed by its silence", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client({ timeoutMs: 60_000 });
    onRequest(client, () => workers.die("hangs"));
    const error = errorOf(() => client.request(gains(client.identifier)));
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error.message).toContain("no sign of life");
  });
});

describe("a worker that dies", () => {
  test.each<readonly [string, (client: SyncMQTTClient) => void]>([
    ["sleep", (client) => client.sleep(60_000)],
    ["run", (client) => client.run()],
    ["publish", (client) => client.publish("a/b", { body: 1 })],
    ["subscribe", (client) => client.subscribe("a/b")],
  ])("while %s() waits, is told there", async (_name, wait) => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    workers.die("throws");
    const error = errorOf(() => wait(client));
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  test("while run() serves, is told by run()", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    onRequest(client, () => workers.die("throws"));
    const peer = await scene.peer();
    peer.send(requestTo(client, "die"));
    expect(errorOf(() => client.run())).toBeInstanceOf(WorkerLostError);
  });

  test("while nobody waits, closes the client, and listeners are told why", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    const states = new States(client);
    workers.terminate();
    const { cause } = await states.reached("closed");
    expect(cause).toBeInstanceOf(WorkerLostError);
    expect(client.state).toBe("closed");
  });

  test("closes the client, and listeners are told once", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    const states = new States(client);
    onRequest(client, () => workers.die("throws"));
    errorOf(() => client.request(gains(client.identifier)));
    expect(client.state).toBe("closed");
    expect(client.isConnected).toBe(false);
    expect(states.entered).toEqual(["closed"]);
    expect(states.changes.all[0]?.cause).toBeInstanceOf(WorkerLostError);
  });

  test("is replaced by the next connect()", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    workers.die("throws");
    errorOf(() => client.sleep(60_000));
    client.connect();
    echoing(client);
    expect(client.request({ ...gains(client.identifier), body: 7 }).body).toBe(7);
    expect(workers.started).toHaveLength(2);
  });

  test("does not end the connection of the one that replaced it, when its end is told at last", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    workers.die("throws");
    errorOf(() => client.sleep(60_000));
    client.connect();
    const [lost] = workers.started;
    if (lost !== undefined) await once(lost, "exit");
    expect(client.state).toBe("online");
  });

  test("does not keep disconnect() from ending the client quietly", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    workers.die("throws");
    client.disconnect();
    expect(client.state).toBe("closed");
  });
});
