import { expect, test } from "vitest";
import { MQTTClient, RequestHandlerBase } from "../../../src/index.ts";
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
      if (message.topic === TOPIC) states.push(JSON.parse(String(message.payload)).body.state);
      return publish(message, deadline);
    };
  return {
    connection: { ...broker.connection, transport: { dial } },
    states: () => states,
  };
}
