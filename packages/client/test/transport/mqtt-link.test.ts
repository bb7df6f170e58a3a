import mqtt from "mqtt";
import { describe, expect, test, vi } from "vitest";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import { LinkLostError } from "../../src/errors/connection-errors.ts";
import { RECEIVE_MAXIMUM } from "../../src/transport/incoming-publishes.ts";
import { ProtocolFault } from "../../src/transport/packet-frames.ts";
import type { OutgoingMessage, QoS } from "../../src/transport/transport.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import { dial } from "./dialled-link.ts";
import { endsIn } from "./ends-in.ts";
import {
  PacketType,
  acknowledgement,
  messageIdOf,
  packet,
  readPublish,
  verdicts,
} from "./packets.ts";
import { startScriptedBroker } from "./scripted-broker.ts";
import { rejectionsOf, soon } from "./soon.ts";

const message = (qos: QoS, payload = "{}"): OutgoingMessage => ({
  topic: "a/b",
  payload,
  qos,
  retain: false,
});

describe("a link", () => {
  test("announces how many messages it takes at once, under MQTT 5", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    expect(client.link.protocolLevel).toBe(5);
    const [connect] = await broker.received(PacketType.CONNECT, 1);
    const announced = [0x21, RECEIVE_MAXIMUM >> 8, RECEIVE_MAXIMUM & 0xff];
    expect(connect?.body.includes(Buffer.from([announced.length, ...announced]))).toBe(true);
  });

  test("gives a sign of life for a probe", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    const before = client.link.activity;
    client.link.probe();
    await broker.received(PacketType.PINGREQ, 1);
    await vi.waitFor(() => {
      expect(client.link.activity).toBeGreaterThan(before);
    });
  });

  test("is lost at once when it is aborted, with the cause given, and told once", async () => {
    await using broker = await startScriptedBroker();
    const losses: Error[] = [];
    await using client = await dial(broker.url, { onLost: (cause) => void losses.push(cause) });
    const waiting = rejectionsOf([client.link.publish(message(1))]);
    const cause = new Error("no acknowledgement came");
    client.link.abort(cause);
    expect(losses).toEqual([expect.any(LinkLostError)]);
    expect(losses[0]?.cause).toBe(cause);
    client.link.abort(new Error("again"));
    client.link.probe();
    expect(await waiting).toEqual(losses);
    expect(losses).toHaveLength(1);
    await client.link.close();
  });

  test("is closed with 1,500 publishes waiting for room, each of which rejects", async () => {
    await using broker = await startScriptedBroker();
    const client = await dial(broker.url);
    const waiting = Array.from({ length: 1_500 }, async () => client.link.publish(message(1)));
    const reasons = await unhandledDuring(async () => {
      const rejections = rejectionsOf(waiting);
      await client.link.close();
      for (const error of await rejections) expect(error).toBeInstanceOf(LinkLostError);
    });
    expect(reasons).toEqual([]);
  });

  test("sends a publish that waited for room with the time that is left", async () => {
    const release: { first?: () => void } = {};
    await using broker = await startScriptedBroker({
      limits: { receiveMaximum: 1 },
      answer: (received, send) => {
        if (received.type !== PacketType.PUBLISH) return;
        const { messageId = 0 } = readPublish(received, 5);
        const acknowledge = (): void => {
          send(acknowledgement(PacketType.PUBACK, messageId));
        };
        if (release.first === undefined) release.first = acknowledge;
        else acknowledge();
      },
    });
    await using client = await dial(broker.url);
    const deadline = endsIn(5_000);
    const first = client.link.publish(message(1), deadline);
    const second = client.link.publish({ ...message(1), expires: true }, deadline);
    await broker.received(PacketType.PUBLISH, 1);
    deadline.clock.skip(2_500);
    release.first?.();
    expect(await Promise.all([first, second])).toEqual(["delivered", "delivered"]);
    const [, sent] = await broker.received(PacketType.PUBLISH, 2);
    expect(sent && readPublish(sent, 5).expirySeconds).toBe(3);
  });
});

describe("a fault of the broker", () => {
  test.each([
    ["a PUBREL without an identifier", [0x62, 0]],
    ["a PUBLISH with QoS 2 without an identifier", [0x34, 3, 0, 1, 0x61]],
    ["a CONNECT", [0x10, 0]],
    ["garbage", [0xff, 0xff, 0xff, 0xff, 0xff]],
  ])("ends the link with LinkLostError and does no other harm: %s", async (_what, bytes) => {
    for (const level of [4, 5] as const) {
      await using broker = await startScriptedBroker({ level });
      await using client = await dial(broker.url, { protocolLevel: level });
      const reasons = await unhandledDuring(async () => {
        broker.send(Uint8Array.from(bytes));
        const lost = await client.lost();
        expect(lost).toBeInstanceOf(LinkLostError);
        expect(lost.cause).toBeInstanceOf(ProtocolFault);
      });
      expect(reasons).toEqual([]);
    }
  });

  test("before it has accepted ends the dial", async () => {
    for (const bytes of [
      [0x62, 0],
      [0x34, 3, 0, 1, 0x61],
      [0x20, 1, 0],
      [0x20, 4, 0, 0, 9, 9],
    ]) {
      await using broker = await startScriptedBroker({ welcome: Uint8Array.from(bytes) });
      await expect(dial(broker.url)).rejects.toMatchObject({ name: "ConnectionFailedError" });
    }
  });

  test("of a receive maximum of 0 ends the dial", async () => {
    await using broker = await startScriptedBroker({ limits: { receiveMaximum: 0 } });
    await expect(dial(broker.url)).rejects.toThrow("the property 0x21 is 0");
  });

  test("of a verdict on what was not asked ends the link", async () => {
    await using broker = await startScriptedBroker({
      answer: (received, send) => {
        if (received.type !== PacketType.SUBSCRIBE) return;
        send(verdicts({ type: PacketType.UNSUBACK, messageId: messageIdOf(received) }, 5, [0]));
      },
    });
    await using client = await dial(broker.url);
    const subscribe = rejectionsOf([client.link.subscribe([{ filter: "a", qos: 0 }])]);
    expect(String(await client.lost())).toContain("unsuback does not answer");
    expect(await subscribe).toEqual([expect.any(LinkLostError)]);
  });

  test("of more unreleased messages than it was allowed ends the link", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    const publishes = Array.from({ length: RECEIVE_MAXIMUM + 1 }, (_, at) =>
      packet(3, 0, 1, 0x61, (at + 1) >> 8, (at + 1) & 0xff, 0),
    ).map((bytes) => Buffer.concat([Uint8Array.of(0x34), bytes.subarray(1)]));
    broker.send(Buffer.concat(publishes));
    await client.lost();
    const [disconnect] = await broker.received(PacketType.DISCONNECT, 1);
    expect(disconnect?.body).toEqual(Buffer.of(0x93));
    expect(client.messages).toHaveLength(RECEIVE_MAXIMUM);
  });

  test("makes a client dial anew", async () => {
    await using broker = await startScriptedBroker({
      answer: (received, send) => {
        if (received.type !== PacketType.SUBSCRIBE) return;
        send(verdicts({ type: PacketType.SUBACK, messageId: messageIdOf(received) }, 5, [0]));
      },
    });
    const client = new MQTTClient({ broker: broker.url, reconnect: { minDelayMs: 1 } });
    await client.connect();
    const back = new Promise<void>((resolve) => {
      client.on("state", (next) => {
        if (next === "online") resolve();
      });
    });
    broker.send(Uint8Array.of(0x62, 0));
    await soon("the new link", back);
    expect(client.statistics.reconnects).toBe(1);
    await client.disconnect();
  });
});

test("a package mqtt without a stream builder to be had is told of in plain words", async () => {
  await using broker = await startScriptedBroker();
  const connect = mqtt.connect.bind(mqtt);
  vi.spyOn(mqtt, "connect").mockImplementation((...args: readonly unknown[]) => {
    const client = Reflect.apply(connect, undefined, args);
    Reflect.deleteProperty(client, "streamBuilder");
    return client;
  });
  await expect(dial(broker.url)).rejects.toThrow("install mqtt@5.16");
});
