import { describe, expect, test } from "vitest";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import {
  PublishRefusedError,
  SubscriptionRefusedError,
} from "../../src/errors/connection-errors.ts";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import type { OutgoingMessage } from "../../src/transport/transport.ts";
import { dial } from "./dialled-link.ts";
import { PacketType, messageIdOf, packet, readFilters, readPublish } from "./packets.ts";
import { startScriptedBroker } from "./scripted-broker.ts";

/** A text with the length before it. */
const text = (value: string): readonly number[] => [0, value.length, ...Buffer.from(value)];
const property = (id: number, value: string): readonly number[] => [id, ...text(value)];
const REASON = property(0x1f, "quota of tenant 7");
const SERVER = property(0x1c, "other.example");

const message: OutgoingMessage = { topic: "a/b", payload: "{}", qos: 1, retain: false };

const failureOf = async (action: () => unknown): Promise<unknown> => {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
};

describe("what a broker says of its reason reaches the error", () => {
  test("of a refused connection, with the server to use instead", async () => {
    const refusal = packet(
      PacketType.CONNACK,
      ...[0, 0x9c, REASON.length + SERVER.length, ...REASON, ...SERVER],
    );
    await using broker = await startScriptedBroker({ welcome: refusal });
    const failure = await failureOf(() => dial(broker.url));
    expect(failure).toBeInstanceOf(ConnectionFailedError);
    expect(failure).toMatchObject({
      reasonCode: 0x9c,
      message:
        `cannot connect to ${broker.url}: the broker refused: Use another server (156), ` +
        `"quota of tenant 7"; it names the server "other.example"; check that the broker is running, ` +
        "its host name and port, the firewall, and the credentials",
    });
  });

  test("of a refused publish", async () => {
    await using broker = await startScriptedBroker({
      answer: (received, send) => {
        if (received.type !== PacketType.PUBLISH) return;
        const { messageId = 0 } = readPublish(received, 5);
        send(packet(PacketType.PUBACK, 0, messageId, 0x97, REASON.length, ...REASON));
      },
    });
    await using client = await dial(broker.url);
    const failure = await failureOf(async () => client.link.publish(message));
    expect(failure).toBeInstanceOf(PublishRefusedError);
    expect(String(failure)).toBe(
      `PublishRefusedError: ${broker.url} refused the message to "a/b": Quota exceeded (151), ` +
        `"quota of tenant 7"; check that the broker's ACL lets this client write to it`,
    );
  });

  test("of a refused subscription", async () => {
    await using broker = await startScriptedBroker({
      answer: (received, send) => {
        if (received.type !== PacketType.SUBSCRIBE) return;
        const id = messageIdOf(received);
        const codes = readFilters(received, 5).map((filter) => (filter === "a/#" ? 0x97 : 0));
        send(packet(PacketType.SUBACK, 0, id, REASON.length, ...REASON, ...codes));
      },
    });
    await using client = new MQTTClient({ broker: broker.url, subscriptions: ["a/#"] });
    const failure = await failureOf(() => client.connect());
    expect(failure).toBeInstanceOf(SubscriptionRefusedError);
    expect(String(failure)).toContain(`Quota exceeded (151), "quota of tenant 7"; check`);
  });

  test("of the end of a link, at once though its socket stays open", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    const body = [0x9c, REASON.length + SERVER.length, ...REASON, ...SERVER];
    broker.send(packet(PacketType.DISCONNECT, ...body));
    expect(String(await client.lost())).toContain(
      `the broker ended it: Use another server, "quota of tenant 7"; it names the server "other.example"`,
    );
  });
});

describe("a message that the broker is known not to take is not sent, and the error says why:", () => {
  test.each([
    [
      "its QoS",
      { maximumQoS: 1 },
      { qos: 2 },
      (broker: string) =>
        `the message to "a/b" has QoS 2, and ${broker} takes 1 at most; it was not sent, publish it with a lower QoS`,
    ],
    [
      "that it is to be retained",
      { retainAvailable: false },
      { retain: true },
      (broker: string) =>
        `the message to "a/b" is to be retained, and ${broker} retains none; it was not sent, publish it without retain`,
    ],
    [
      "its size",
      { maximumPacketSize: 300 },
      { payload: "x".repeat(400) },
      (broker: string) =>
        `the message to "a/b" is too large: ${broker} takes packets of 300 bytes at most; it was not sent, divide it or raise the broker's limit`,
    ],
  ] as const)("%s", async (...[, limits, more, expected]) => {
    await using broker = await startScriptedBroker({ limits });
    await using client = await dial(broker.url);
    const failure = await failureOf(async () => client.link.publish({ ...message, ...more }));
    expect(failure).toMatchObject({ message: expected(broker.url) });
  });

  test("its size, to the byte", async () => {
    await using broker = await startScriptedBroker({ limits: { maximumPacketSize: 100 } });
    await using client = await dial(broker.url);
    const qos = 0;
    // Type and length 2, length of the topic 2, topic 3, length of the properties 1.
    const fitting = { ...message, qos, payload: "x".repeat(100 - 8) } as const;
    await client.link.publish(fitting);
    const larger = { ...fitting, payload: `${fitting.payload}x` };
    expect(await failureOf(async () => client.link.publish(larger))).toMatchObject({
      reasonCode: 0x95,
    });
    const [sent] = await broker.received(PacketType.PUBLISH, 1);
    expect(sent?.body.length).toBe(98);
  });
});
