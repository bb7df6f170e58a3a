import { describe, expect, test } from "vitest";
import { ClientClosedError, SyncRequestHandlerBase, WorkerLostError } from "../../src/index.ts";
import type { DevicePresence, SyncMQTTClient } from "../../src/index.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { tamperWithWorkers } from "./tampered-worker.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

/** Has the client do something in the handler of its next request, which comes while it waits. */
const meanwhile = async (
  scene: SyncScene,
  client: SyncMQTTClient,
  act: () => void,
): Promise<void> => {
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: () => {
        act();
      },
    }),
  );
  const peer = await scene.peer();
  const topic = `gf_int_v1/axuv/request/${client.identifier}/box`;
  const header = { method: "GET", path: "gains", request_id: "a" };
  peer.send({ topic, payload: JSON.stringify({ header, body: null, timestamp: 0 }) });
};

const all = (watch: Iterable<DevicePresence>): readonly string[] =>
  Array.from(watch, ({ identifier, state }) => `${identifier} ${state}`);

describe("a loop over presence() that blocks", () => {
  test("serves requests while it waits, and ends with the reason that a handler aborts it for", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const controller = new AbortController();
    const reason = new Error("enough");
    await meanwhile(scene, client, () => controller.abort(reason));
    const watch = client.presence({ signal: controller.signal });
    expect(errorOf(() => all(watch))).toBe(reason);
    expect([...watch]).toEqual([]);
  });

  test("ends when a handler disconnects the client", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    await meanwhile(scene, client, () => client.disconnect());
    expect(all(client.presence())).toEqual([]);
    expect(client.state).toBe("closed");
  });

  test("lets go of the subscription with break", async () => {
    await using scene = await SyncScene.start();
    const device = scene.client({ presence: true });
    const client = scene.client();
    const held = client.statistics.subscriptionsHeld;
    for (const { identifier, state } of client.presence()) {
      expect([identifier, state]).toEqual([device.identifier, "ONLINE"]);
      break;
    }
    expect(client.statistics.subscriptionsHeld).toBe(held);
  });

  test("may make calls in its body", async () => {
    await using scene = await SyncScene.start();
    const device = scene.client({ presence: true });
    const seen: string[] = [];
    for (const { identifier, state } of scene.client().presence()) {
      seen.push(`${identifier} ${state}`);
      if (state === "OFFLINE") break;
      device.disconnect();
    }
    expect(seen).toEqual([`${device.identifier} ONLINE`, `${device.identifier} OFFLINE`]);
  });

  test("is told when its worker dies", async () => {
    const workers = tamperWithWorkers();
    await using scene = await SyncScene.start();
    const client = scene.client();
    await meanwhile(scene, client, () => workers.die("throws"));
    const error = errorOf(() => all(client.presence()));
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error).toBeInstanceOf(ClientClosedError);
  });

  test("leaves other calls of the client alone", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client({ presence: true });
    client.addMessageHandler(
      new SyncRequestHandlerBase({
        process: (self, topic, request) => self.respond(topic, request, { body: request.body }),
      }),
    );
    const watch = client.presence();
    expect(watch.next().value).toMatchObject({ identifier: client.identifier, state: "ONLINE" });
    expect(client.request({ ...gains(client.identifier), body: 7 }).body).toBe(7);
    watch.return?.();
  });
});
