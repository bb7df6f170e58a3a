import { expect, test } from "vitest";
import { MessageHandlerBase, MQTTClient, RequestHandlerBase } from "../../../src/index.ts";
import { MemoryBroker } from "../../../src/testing.ts";
import { PacketType, messageIdOf, readFilters, verdicts } from "../../transport/packets.ts";
import { startScriptedBroker } from "../../transport/scripted-broker.ts";
import type { Answer } from "../../transport/scripted-broker.ts";
import { Gate } from "../../contract/patience.ts";

/** Far longer than any of these tests may take. */
const LONG_MS = 60_000;
const TOPIC = "gf_int_v1/device/system/pump/status";

/** A broker that grants every subscription and acknowledges no publish. */
const grantOnly: Answer = (received, send) => {
  if (received.type !== PacketType.SUBSCRIBE) return;
  const codes = readFilters(received, 5).map(() => 0);
  send(verdicts({ type: PacketType.SUBACK, messageId: messageIdOf(received) }, 5, codes));
};

test("a device whose last status the broker does not take leaves it to its Last Will", async () => {
  await using broker = await startScriptedBroker({ answer: grantOnly });
  const device = new MQTTClient({ broker: broker.url, presence: true, logLevel: "silent" });
  await device.connect();
  await broker.received(PacketType.PUBLISH, 1);
  await device.disconnect();
  await broker.received(PacketType.PUBLISH, 2);
  expect(device.state).toBe("closed");
  expect(broker.names).not.toContain("DISCONNECT");
});

test("a device that is told to leave says so first, and then lets its handlers answer", async () => {
  const { connection, ...broker } = recordedBroker();
  const device = new MQTTClient({ ...connection, identifier: "pump", presence: true });
  const [begun, gate] = [new Gate("the handler"), new Gate("the answer")];
  device.addMessageHandler(
    new RequestHandlerBase({
      process: async (client, topic, request) => {
        begun.open();
        await gate.passed();
        await client.respond(topic, request, { body: "late" });
      },
    }),
  );
  await device.connect();
  await using requester = await new MQTTClient(connection).connect();
  const answer = requester.device("pump", "axuv").get("gains");
  await begun.passed();
  const left = device.disconnect({ drainMs: LONG_MS });
  await requester.publish("a/round/trip", {}, { qos: 1 });
  expect(broker.states()).toEqual(["ONLINE", "OFFLINE"]);
  gate.open();
  expect((await answer).body).toBe("late");
  await left;
  expect(broker.states()).toEqual(["ONLINE", "OFFLINE"]);
});

test("a block that disposes of its device lets its handlers answer, too", async () => {
  const { connection } = new MemoryBroker();
  await using requester = await new MQTTClient(connection).connect();
  const [begun, gate] = [new Gate("the handler"), new Gate("the answer")];
  const answers: Promise<{ readonly body: unknown }>[] = [];
  {
    await using device = new MQTTClient({ ...connection, identifier: "pump" });
    device.addMessageHandler(
      new RequestHandlerBase({
        process: async (client, topic, request) => {
          begun.open();
          await gate.passed();
          await client.respond(topic, request, { body: "late" });
        },
      }),
    );
    await device.connect();
    answers.push(requester.device("pump", "axuv").get("gains"));
    await begun.passed();
    setImmediate(gate.open);
  }
  expect((await answers[0])?.body).toBe("late");
});

/** A broker in memory, and the statuses that the device `pump` had there. */
function recordedBroker(): Pick<MemoryBroker, "connection"> & { states: () => readonly string[] } {
  const broker = new MemoryBroker();
  const states: string[] = [];
  const { transport } = broker.connection;
  const dial: typeof transport.dial = async (request) => {
    const link = await transport.dial(request);
    return Object.assign(link, {
      publish: recording(link.publish.bind(link)),
    });
  };
  const recording =
    (publish: Awaited<ReturnType<typeof dial>>["publish"]) =>
    (...[message, deadline]: Parameters<typeof publish>): ReturnType<typeof publish> => {
      if (message.topic === TOPIC) states.push(JSON.parse(message.payload).body.state);
      return publish(message, deadline);
    };
  return {
    connection: { ...broker.connection, transport: { dial } },
    states: () => states,
  };
}

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
