import { expect, test } from "vitest";
import { MessageHandlerBase, MQTTClient } from "../../../src/index.ts";
import { MemoryBroker } from "../../../src/testing.ts";

test("a watcher that was cut off takes for away who is not heard of when it is back", async () => {
  const broker = new MemoryBroker();
  const shared = { ...broker.connection, reconnect: { minDelayMs: 1, maxDelayMs: 20 } };
  const names = ["stays", "leaves"];
  const devices = names.map(
    (identifier) => new MQTTClient({ ...shared, identifier, presence: true }),
  );
  for (const device of devices) await device.connect();
  await using watcher = await new MQTTClient({ ...shared, timeoutMs: 200 }).connect();
  const watch = watcher.presence();
  const first = [await watch.next(), await watch.next()];
  expect(first.map(({ value }) => value?.state)).toEqual(["ONLINE", "ONLINE"]);
  // What is retained on the node of the others is lost with it.
  for (const name of names) {
    const topic = `gf_int_v1/device/system/${name}/status`;
    broker.publish({ topic, payload: "", retain: true });
  }
  broker.stop();
  await devices[1]?.disconnect();
  broker.start();
  expect((await watch.next()).value).toMatchObject({ identifier: "leaves", state: "OFFLINE" });
  await devices[0]?.disconnect();
  expect((await watch.next()).value).toMatchObject({ identifier: "stays", state: "OFFLINE" });
});

test("a watcher that was cut off believes what the broker has retained", async () => {
  const broker = new MemoryBroker();
  const shared = { ...broker.connection, reconnect: { minDelayMs: 1, maxDelayMs: 20 } };
  await using watcher = await new MQTTClient({ ...shared, timeoutMs: 200 }).connect();
  const watch = watcher.presence();
  const payload = '{"body":{"state":"ONLINE"},"timestamp":0}';
  // Neither answers when it is asked; of the other, nothing is retained.
  const firmware = ["firmware", "other"] as const;
  for (const name of firmware) {
    const topic = `gf_int_v1/device/system/${name}/status`;
    broker.publish({ topic, payload, retain: true });
    expect((await watch.next()).value).toMatchObject({ identifier: name, state: "ONLINE" });
  }
  const topic = "gf_int_v1/device/system/other/status";
  broker.publish({ topic, payload: "", retain: true });
  broker.dropConnections();
  expect((await watch.next()).value).toMatchObject({ identifier: "other", state: "OFFLINE" });
  broker.publish({ topic, payload, retain: true });
  expect((await watch.next()).value).toMatchObject({ identifier: "other", state: "ONLINE" });
});

test("a status that comes when a watch has just ended is shown to no handler", async () => {
  const broker = new MemoryBroker();
  await using watcher = await new MQTTClient(broker.connection).connect();
  const seen: string[] = [];
  watcher.addMessageHandler(
    new MessageHandlerBase({
      process: (_client, topic) => {
        seen.push(topic);
      },
    }),
  );
  const payload = '{"body":{"state":"ONLINE"},"timestamp":0}';
  const topic = "gf_int_v1/device/system/pump/status";
  broker.publish({ topic, payload, retain: true });
  const watch = watcher.presence();
  expect((await watch.next()).value).toMatchObject({ identifier: "pump" });
  const ended = watch.return?.();
  expect(broker.publish({ topic, payload, qos: 1 })).toBe("delivered");
  await ended;
  await watcher.subscribe("mark");
  broker.publish({ topic: "mark", payload });
  await watcher.subscribe("a/round/trip");
  expect(seen).toEqual(["mark"]);
});

test("names of devices that are too long are not remembered, and counted", async () => {
  const broker = new MemoryBroker();
  await using watcher = await new MQTTClient({
    ...broker.connection,
    logLevel: "silent",
  }).connect();
  const watch = watcher.presence();
  const payload = '{"body":{"state":"ONLINE"},"timestamp":0}';
  const topicOf = (name: string): string => `gf_int_v1/device/system/${name}/status`;
  broker.publish({ topic: topicOf("x".repeat(1_025)), payload, retain: true });
  broker.publish({ topic: topicOf("pump"), payload, retain: true });
  expect((await watch.next()).value).toMatchObject({ identifier: "pump" });
  expect(watcher.statistics.invalidMessages).toBe(1);
});
