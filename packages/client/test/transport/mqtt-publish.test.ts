import { describe, expect, test } from "vitest";
import { PublishRefusedError } from "../../src/errors/connection-errors.ts";
import type { OutgoingMessage, QoS } from "../../src/transport/transport.ts";
import { outcomeOf } from "../connection/connection-scene.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { acknowledge } from "./acknowledge.ts";
import { endsIn } from "./ends-in.ts";
import { dial } from "./dialled-link.ts";
import { PacketType, acknowledgement, readPublish } from "./packets.ts";
import { startScriptedBroker } from "./scripted-broker.ts";

const BOTH_LEVELS = [4, 5] as const;

const message = (qos: QoS, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  topic: "a/b",
  payload: "{}",
  qos,
  retain: false,
  ...more,
});

describe("a publish", () => {
  test.each(BOTH_LEVELS)("with QoS 0 is sent as it is, level %i", async (level) => {
    await using broker = await startScriptedBroker({ level });
    await using client = await dial(broker.url, { protocolLevel: level });
    const outcome = client.link.publish(message(0, { payload: '"é"', retain: true }));
    expect(await outcome).toBe("sent");
    const [sent] = await broker.received(PacketType.PUBLISH, 1);
    expect(sent && readPublish(sent, level)).toMatchObject({
      topic: "a/b",
      payload: '"é"',
      qos: 0,
      retain: true,
    });
  });

  test.each(BOTH_LEVELS)("with QoS 1 waits for the PUBACK, level %i", async (level) => {
    const acknowledged: { send?: () => void } = {};
    await using broker = await startScriptedBroker({
      level,
      answer: (received, send) => {
        acknowledged.send = () => acknowledge(level)(received, send);
      },
    });
    await using client = await dial(broker.url, { protocolLevel: level });
    const publish = client.link.publish(message(1));
    const outcome = outcomeOf(Promise.resolve(publish));
    await broker.received(PacketType.PUBLISH, 1);
    await promisesSettled();
    expect(outcome).toEqual({});
    acknowledged.send?.();
    expect(await publish).toBe("delivered");
  });

  test.each(BOTH_LEVELS)("with QoS 2 goes through all four packets, level %i", async (level) => {
    await using broker = await startScriptedBroker({ level, answer: acknowledge(level) });
    await using client = await dial(broker.url, { protocolLevel: level });
    expect(await client.link.publish(message(2))).toBe("delivered");
    expect(broker.names).toEqual(["CONNECT", "PUBLISH", "PUBREL"]);
  });

  test("that is not JSON-sized is not cut: 300 KB of text in three byte characters", async () => {
    const payload = "€".repeat(100_000);
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    await client.link.publish(message(0, { payload }));
    const [sent] = await broker.received(PacketType.PUBLISH, 1);
    expect(sent && readPublish(sent, 5).payload).toBe(payload);
  });

  test("and a thousand more arrive in the order of the calls", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    const payloads = Array.from({ length: 1_000 }, (_, number) => String(number));
    await Promise.all(
      payloads.map(async (payload) => client.link.publish(message(0, { payload }))),
    );
    const sent = await broker.received(PacketType.PUBLISH, 1_000);
    expect(sent.map((one) => readPublish(one, 5).payload)).toEqual(payloads);
  });
});

describe("the properties of a publish", () => {
  const properties = {
    expires: true,
    responseTopic: "a/response/é",
    correlationData: "16fd2706-8baf-433b-82eb-8c7fada847da",
  };

  test.each([0, 1] as const)("are sent under MQTT 5, QoS %i", async (qos) => {
    await using broker = await startScriptedBroker({ answer: acknowledge(5) });
    await using client = await dial(broker.url);
    await client.link.publish(message(qos, properties), endsIn(2_001));
    const [sent] = await broker.received(PacketType.PUBLISH, 1);
    expect(sent && readPublish(sent, 5)).toMatchObject({
      expirySeconds: 3,
      responseTopic: properties.responseTopic,
      correlationData: properties.correlationData,
    });
  });

  test.each([0, 1] as const)("are left out under MQTT 3.1.1, QoS %i", async (qos) => {
    await using broker = await startScriptedBroker({ level: 4, answer: acknowledge(4) });
    await using client = await dial(broker.url, { protocolLevel: 4 });
    await client.link.publish(message(qos, { ...properties, payload: "only this" }));
    const [sent] = await broker.received(PacketType.PUBLISH, 1);
    expect(sent && readPublish(sent, 4)).toMatchObject({ topic: "a/b", payload: "only this" });
  });

  test.each([
    [0.4, 1],
    [999, 1],
    [1_000, 1],
    [1_001, 2],
    [2_147_483_647, 2_147_484],
  ])("round an expiry of %d ms up to %i s", async (expiryMs, expirySeconds) => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    await client.link.publish(message(0, { expires: true }), endsIn(expiryMs));
    const [sent] = await broker.received(PacketType.PUBLISH, 1);
    expect(sent && readPublish(sent, 5).expirySeconds).toBe(expirySeconds);
  });
});

describe("the reason code of an acknowledgement", () => {
  test.each([1, 2] as const)("16 says that nobody is subscribed, QoS %i", async (qos) => {
    const answer = acknowledge(5, { puback: 16, pubrec: 16 });
    await using broker = await startScriptedBroker({ answer });
    await using client = await dial(broker.url);
    expect(await client.link.publish(message(qos))).toBe("no-subscribers");
  });

  test.each([1, 2] as const)("135 refuses the message, QoS %i", async (qos) => {
    const answer = acknowledge(5, { puback: 135, pubrec: 135 });
    await using broker = await startScriptedBroker({ answer });
    await using client = await dial(broker.url);
    const outcome = outcomeOf(Promise.resolve(client.link.publish(message(qos))));
    await broker.received(PacketType.PUBLISH, 1);
    await expect(client.link.publish(message(qos))).rejects.toBeInstanceOf(PublishRefusedError);
    expect(outcome.error).toMatchObject({ topic: "a/b", reasonCode: 135, broker: broker.url });
  });

  test("is that of its own publish, whatever the order of the acknowledgements", async () => {
    const waiting: (() => void)[] = [];
    const codeOf = (payload: string): number => (payload === "nobody" ? 16 : 0);
    await using broker = await startScriptedBroker({
      answer: (received, send) => {
        if (received.type !== PacketType.PUBLISH) return;
        const { messageId = 0, payload } = readPublish(received, 5);
        waiting.unshift(() => {
          send(acknowledgement(PacketType.PUBACK, messageId, codeOf(payload)));
        });
        if (waiting.length === 10) for (const give of waiting) give();
      },
    });
    await using client = await dial(broker.url);
    const payloads = Array.from({ length: 10 }, (_, at) => (at % 3 === 0 ? "nobody" : "somebody"));
    const outcomes = await Promise.all(
      payloads.map(async (payload) => client.link.publish(message(1, { payload }))),
    );
    expect(outcomes).toEqual(
      payloads.map((payload) => (payload === "nobody" ? "no-subscribers" : "delivered")),
    );
  });

  test("does not stick to the identifier when it is used again", async () => {
    let isFirst = true;
    await using broker = await startScriptedBroker({
      answer: (received, send) => {
        if (received.type !== PacketType.PUBLISH) return;
        const { messageId = 0 } = readPublish(received, 5);
        send(acknowledgement(PacketType.PUBACK, messageId, isFirst ? 16 : 0));
        isFirst = false;
      },
    });
    await using client = await dial(broker.url);
    expect(await client.link.publish(message(1))).toBe("no-subscribers");
    expect(await client.link.publish(message(1))).toBe("delivered");
  });
});

describe("what the broker rules out in its CONNACK", () => {
  test.each([
    { what: "a higher QoS", limits: { maximumQoS: 1 }, outgoing: message(2), reasonCode: 155 },
    { what: "QoS 1", limits: { maximumQoS: 0 }, outgoing: message(1), reasonCode: 155 },
    {
      what: "a retained message",
      limits: { retainAvailable: false },
      outgoing: message(0, { retain: true }),
      reasonCode: 154,
    },
    {
      what: "a larger packet",
      limits: { maximumPacketSize: 300 },
      outgoing: message(0, { payload: "x".repeat(300) }),
      reasonCode: 149,
    },
    {
      what: "a packet larger in bytes than in characters",
      limits: { maximumPacketSize: 300 },
      outgoing: message(0, { payload: "€".repeat(100) }),
      reasonCode: 149,
    },
  ])("is refused before it is sent: $what", async ({ limits, outgoing, reasonCode }) => {
    await using broker = await startScriptedBroker({ limits, answer: acknowledge(5) });
    await using client = await dial(broker.url);
    const refused = Promise.resolve().then(() => client.link.publish(outgoing));
    await expect(refused).rejects.toMatchObject({ name: "PublishRefusedError", reasonCode });
    await client.link.publish(message(0, { payload: "next" }));
    const [first] = await broker.received(PacketType.PUBLISH, 1);
    expect(first && readPublish(first, 5).payload).toBe("next");
  });

  test.each([
    ["the highest QoS", { maximumQoS: 1 }, message(1)],
    ["a message that is not retained", { retainAvailable: false }, message(0)],
    ["a smaller packet", { maximumPacketSize: 300 }, message(0, { payload: "x".repeat(200) })],
  ])("lets pass the rest: %s", async (_what, limits, outgoing) => {
    await using broker = await startScriptedBroker({ limits, answer: acknowledge(5) });
    await using client = await dial(broker.url);
    await client.link.publish(outgoing);
    expect(await broker.received(PacketType.PUBLISH, 1)).toHaveLength(1);
  });
});

describe("unacknowledged publishes", () => {
  test.each([
    { what: "the receive maximum", level: 5, limits: { receiveMaximum: 3 }, most: 3 },
    { what: "20 where none is told", level: 5, limits: {}, most: 20 },
    { what: "20 under MQTT 3.1.1, which cannot tell", level: 4, limits: {}, most: 20 },
  ] as const)("are never more than $what", async ({ level, limits, most }) => {
    const waiting: (() => void)[] = [];
    let mostWaiting = 0;
    await using broker = await startScriptedBroker({
      level,
      limits,
      answer: (received, send) => {
        if (received.type !== PacketType.PUBLISH) return;
        waiting.push(() => acknowledge(level)(received, send));
        mostWaiting = Math.max(mostWaiting, waiting.length);
        // Those on the way have arrived before the first is acknowledged.
        if (waiting.length === most) setImmediate(() => waiting.shift()?.());
      },
    });
    await using client = await dial(broker.url, { protocolLevel: level });
    const published = Array.from({ length: 60 }, async () => client.link.publish(message(1)));
    await broker.received(PacketType.PUBLISH, 60);
    for (const give of waiting) give();
    expect(await Promise.all(published)).toHaveLength(60);
    expect(mostWaiting).toBe(most);
  });

  test("do not hold up those with QoS 0", async () => {
    await using broker = await startScriptedBroker({ limits: { receiveMaximum: 1 } });
    await using client = await dial(broker.url);
    const unacknowledged = [1, 2].map(async () => client.link.publish(message(1)));
    for (const publish of unacknowledged) publish.catch(() => undefined);
    expect(await client.link.publish(message(0))).toBe("sent");
    broker.cut();
    await client.lost();
  });

  test("reject with LinkLostError when the link goes, those that were not sent too", async () => {
    await using broker = await startScriptedBroker({ limits: { receiveMaximum: 1 } });
    await using client = await dial(broker.url);
    const published = [1, 2, 2].map(async () => client.link.publish(message(1)));
    await broker.received(PacketType.PUBLISH, 1);
    broker.cut();
    const outcomes = await Promise.allSettled(published);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { name: "LinkLostError", broker: broker.url } });
    }
  });
});
