import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import { LinkLostError } from "../../src/errors/connection-errors.ts";
import { ProtocolFault } from "../../src/transport/packet-frames.ts";
import type { IncomingMessage, QoS } from "../../src/transport/transport.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import { byteByByte, cutAt } from "./cut-bytes.ts";
import { dial } from "./dialled-link.ts";
import { writePublish } from "./mqtt-packet.ts";
import { PacketType } from "./packets.ts";
import { startScriptedBroker } from "./scripted-broker.ts";
import { soon } from "./soon.ts";

const BOTH_LEVELS = [4, 5] as const;
const ALL_QOS = [0, 1, 2] as const;

const textOf = ({ payload }: IncomingMessage): string => new TextDecoder().decode(payload);

/** One small PUBLISH after the other. */
const publishes = (payloads: readonly string[], level: 4 | 5, qos: QoS = 0): Buffer =>
  Buffer.concat(
    payloads.map((payload, at) =>
      writePublish({ payload, qos, ...(qos === 0 ? {} : { messageId: at + 1 }) }, level),
    ),
  );

const numbers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, number) => String(number));

describe.each(BOTH_LEVELS)("what a broker sends, level %i", (level) => {
  test("arrives whole when it comes in many segments", async () => {
    await using broker = await startScriptedBroker({ level });
    await using client = await dial(broker.url, { protocolLevel: level });
    const texts = ["a", "€".repeat(30_000), "b"];
    const bytes = publishes(texts, level);
    for (const segment of cutAt(
      bytes,
      Array.from({ length: 50 }, (_, at) => at / 50),
    )) {
      broker.send(segment);
      await promisesSettled();
    }
    expect((await client.received(3)).map(textOf)).toEqual(texts);
  });

  test("arrives whole when it comes byte by byte", async () => {
    await using broker = await startScriptedBroker({ level });
    await using client = await dial(broker.url, { protocolLevel: level });
    for (const byte of byteByByte(publishes(["a", "bc"], level))) {
      broker.send(byte);
      await promisesSettled();
    }
    expect((await client.received(2)).map(textOf)).toEqual(["a", "bc"]);
  });

  test("arrives when it comes in one segment with the CONNACK", async () => {
    const greeting = Buffer.concat([
      publishes(["0", "1"], level),
      publishes(["2"], level, 1),
      publishes(["3", "4"], level),
    ]);
    await using broker = await startScriptedBroker({ level, greeting });
    await using client = await dial(broker.url, { protocolLevel: level });
    expect((await client.received(5)).map(textOf)).toEqual(numbers(5));
  });

  test.each(ALL_QOS.slice(0, 2))(
    "arrives before the link is lost when the broker hangs up behind it, QoS %i",
    async (qos) => {
      await using broker = await startScriptedBroker({ level });
      await using client = await dial(broker.url, { protocolLevel: level });
      broker.send(publishes(numbers(5_000), level, qos));
      broker.hangUp();
      await client.lost();
      expect(client.messages.map(textOf)).toEqual(numbers(5_000));
    },
  );
});

describe("a malformed PUBLISH", () => {
  test.each([
    { what: "without a topic", packet: [0x30, 3, 0, 0, 0], reasonCode: 0x82 },
    { what: "with a QoS that there is not", packet: [0x36, 6, 0, 1, 0x61, 0, 1, 0] },
    { what: "with a topic longer than itself", packet: [0x30, 4, 0, 9, 0x61, 0] },
    { what: "with properties longer than itself", packet: [0x30, 5, 0, 1, 0x61, 9, 1] },
    { what: "with a Topic Alias", packet: [0x30, 6, 0, 0, 3, 0x23, 0, 1], reasonCode: 0x94 },
    { what: "with a length that is none", packet: [0x30, 0xff, 0xff, 0xff, 0xff, 0x01] },
  ])(
    "$what ends the link at once, behind what came before it, and the broker is told",
    async ({ packet, reasonCode = 0x81 }) => {
      await using broker = await startScriptedBroker();
      await using client = await dial(broker.url);
      const reasons = await unhandledDuring(async () => {
        broker.send(Buffer.concat([publishes(["1"], 5), Uint8Array.from(packet)]));
        const error = await client.lost();
        expect(error).toBeInstanceOf(LinkLostError);
        expect(error.cause).toBeInstanceOf(ProtocolFault);
        const [disconnect] = await broker.received(PacketType.DISCONNECT, 1);
        expect(disconnect?.body).toEqual(Buffer.of(reasonCode));
      });
      expect(client.messages.map(textOf)).toEqual(["1"]);
      expect(reasons).toEqual([]);
    },
  );
});

describe.each(["TCP", "WebSocket"] as const)("a mixed burst over %s", (network) => {
  test.each(BOTH_LEVELS)("is delivered once and in order for each QoS, level %i", async (level) => {
    await using broker = await startDevBroker();
    const url = network === "TCP" ? broker.url : broker.wsUrl;
    await using subscriber = await dial(url, { protocolLevel: level });
    await using publisher = await dial(url, { protocolLevel: level });
    await subscriber.link.subscribe([{ filter: "burst", qos: 2 }]);
    const sent = numbers(600).map((payload, at) => ({ payload, qos: ALL_QOS[(at * 7) % 3] ?? 0 }));
    const outcomes = sent.map(async ({ payload, qos }) =>
      publisher.link.publish({ topic: "burst", payload, qos, retain: false }),
    );
    await soon("the acknowledgement of all", Promise.all(outcomes));
    const arrived = await subscriber.received(sent.length);
    await promisesSettled();
    for (const wanted of ALL_QOS) {
      expect(arrived.filter(({ qos }) => qos === wanted).map(textOf)).toEqual(
        sent.filter(({ qos }) => qos === wanted).map(({ payload }) => payload),
      );
    }
    expect(subscriber.messages).toHaveLength(sent.length);
  });
});

describe("a burst from a broker over which QoS changes", () => {
  test.each(BOTH_LEVELS)("arrives in the order in which it was sent, level %i", async (level) => {
    await using broker = await startScriptedBroker({ level });
    await using client = await dial(broker.url, { protocolLevel: level });
    const sent = numbers(3_000);
    const packets = sent.map((payload, at) => {
      const qos = at % 3 === 0 ? 1 : 0;
      return writePublish({ payload, qos, ...(qos === 0 ? {} : { messageId: at + 1 }) }, level);
    });
    broker.send(Buffer.concat(packets));
    expect((await client.received(sent.length)).map(textOf)).toEqual(sent);
    expect(await broker.received(PacketType.PUBACK, 1_000)).toHaveLength(1_000);
  });
});
