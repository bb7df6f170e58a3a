import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { PacketFrames, ProtocolFault } from "../../src/transport/packet-frames.ts";
import type { IncomingPublish } from "../../src/transport/publish-decoder.ts";
import { decodePublish } from "../../src/transport/publish-decoder.ts";
import type { ProtocolLevel } from "../../src/transport/transport.ts";
import type { Publish } from "./mqtt-packet.ts";
import { readOne, writePublish } from "./mqtt-packet.ts";

const BOTH_LEVELS = [4, 5] as const;
const BYTE_ORDER_MARK = "\uFEFF";

const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.tuple(fc.constantFrom("a", "é", "€", "😀"), fc.nat(300)).map(([unit, n]) => unit.repeat(n)),
);

const anyTopic = fc
  .tuple(fc.constantFrom("", BYTE_ORDER_MARK), anyText, fc.constantFrom("a", "/", "😀"))
  .map((parts) => parts.join(""));

const anyProperties = fc.record(
  {
    payloadFormatIndicator: fc.boolean(),
    messageExpiryInterval: fc.nat(),
    responseTopic: anyTopic,
    correlationData: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    userProperties: fc.dictionary(fc.constantFrom("a", "bé", "€"), anyText, { minKeys: 1 }),
    subscriptionIdentifier: fc.integer({ min: 1, max: 268_435_455 }),
    contentType: anyText,
  },
  { requiredKeys: [] },
);

const anyPayload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom(0, 1, 110, 127, 128, 16_370, 16_384).map((length) => Buffer.alloc(length, 0xa5)),
);

const anyPublish: fc.Arbitrary<Partial<Publish>> = fc.record({
  topic: anyTopic,
  payload: anyPayload.map((bytes) => Buffer.from(bytes)),
  retain: fc.boolean(),
  properties: anyProperties,
});

/** What comes out of frames and decoder. */
const decode = (packet: Uint8Array, level: ProtocolLevel): IncomingPublish => {
  const frames = new PacketFrames();
  frames.add(packet);
  const frame = frames.next();
  if (frame === undefined) throw new Error("the packet is not whole");
  return decodePublish(frame, level);
};

/** The message, with bytes that can be compared. */
const decoded = (packet: Uint8Array, level: ProtocolLevel) => {
  const { message } = decode(packet, level);
  return { ...message, payload: Buffer.from(message.payload) };
};

const bodyAt = (packet: Uint8Array): number =>
  packet.findIndex((byte, at) => at > 0 && byte < 128) + 1;

describe.each(BOTH_LEVELS)("decodePublish, MQTT level %i", (level) => {
  const expectFault = (packet: Uint8Array): void => {
    expect(() => decode(packet, level)).toThrow(ProtocolFault);
  };

  property.prop([anyPublish])("reads what mqtt-packet reads, whatever the message", (publish) => {
    const packet = writePublish(publish, level);
    const { topic, payload, qos, retain, dup, properties } = Object(readOne(packet, level));
    const seconds: number | undefined = properties?.messageExpiryInterval;
    const expiryMs = seconds === undefined ? undefined : seconds * 1_000;
    const expected = { topic, payload, qos, retain, duplicate: dup, expiryMs };
    expect(decoded(packet, level)).toEqual(expected);
  });

  property.prop([fc.uint8Array({ minLength: 1, maxLength: 20 })])(
    "reads what mqtt-packet reads, though the topic be no UTF-8",
    (bytes) => {
      const packet = writePublish({ topic: "x".repeat(bytes.length) }, level);
      packet.set(bytes, bodyAt(packet) + 2);
      expect(decoded(packet, level)).toMatchObject({ topic: Object(readOne(packet, level)).topic });
    },
  );

  test.each([128, 16_384, 2_097_152])("reads packets with a length around %i", (length) => {
    for (const off of [-9, -8, -7, -6, -5, 0, 1]) {
      const payload = Buffer.alloc(length + off, "x");
      const { message } = decode(writePublish({ payload }, level), level);
      expect(payload.equals(message.payload)).toBe(true);
    }
  });

  test("reads an empty payload", () => {
    expect(decoded(writePublish({ payload: "" }, level), level)).toEqual({
      topic: "a/b",
      payload: Buffer.alloc(0),
      qos: 0,
      retain: false,
      duplicate: false,
    });
  });

  test.each([1, 2] as const)("reads a message with QoS %i and its packet identifier", (qos) => {
    const packet = writePublish({ qos, messageId: 0x1234, payload: "x" }, level);
    expect(decode(packet, level)).toMatchObject({ messageId: 0x1234, message: { qos } });
    expect(decoded(packet, level).payload.toString()).toBe("x");
  });

  test("reads that a message may be a redelivery", () => {
    const packet = writePublish({ qos: 1, dup: true, retain: true }, level);
    expect(decoded(packet, level)).toMatchObject({ duplicate: true, retain: true });
  });

  test("finds fault with a message without a topic", () => {
    const packet = writePublish({ topic: "a" }, level);
    const at = bodyAt(packet);
    const nameless = Buffer.concat([
      packet.subarray(0, at),
      Uint8Array.of(0, 0),
      packet.subarray(at + 3),
    ]);
    nameless.writeUInt8(nameless.length - at, at - 1);
    expectFault(nameless);
  });

  test("finds fault with a topic that is longer than the packet", () => {
    const packet = writePublish({ topic: "abc", payload: "" }, level);
    for (const length of [4 + (level === 5 ? 1 : 0), 0xff, 0xffff]) {
      packet.writeUInt16BE(length, bodyAt(packet));
      expectFault(packet);
    }
  });

  test.each([
    { what: "no body", packet: [0x30, 0] },
    { what: "half a length of a topic", packet: [0x30, 1, 0] },
    { what: "half a length of a topic, not 0", packet: [0x30, 1, 1] },
    { what: "QoS 3", packet: [0x36, 6, 0, 1, 0x61, 0, 1, 0] },
    { what: "no packet identifier", packet: [0x32, 3, 0, 1, 0x61] },
    { what: "half a packet identifier", packet: [0x34, 4, 0, 1, 0x61, 1] },
    { what: "the packet identifier 0", packet: [0x32, 6, 0, 1, 0x61, 0, 0, 0] },
  ])("finds fault with $what", ({ packet }) => {
    expectFault(Uint8Array.from(packet));
  });

  property.prop([fc.uint8Array({ maxLength: 40 }), fc.nat(15)])(
    "reads or finds fault with any bytes",
    (body, flags) => {
      try {
        decode(Uint8Array.of(0x30 | flags, body.length, ...body), level);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolFault);
      }
    },
  );
});

describe("decodePublish, MQTT level 5", () => {
  test.each([
    { what: "is missing", properties: [] },
    { what: "is cut off", properties: [0x80] },
    { what: "is none", properties: [0xff, 0xff, 0xff, 0xff, 0] },
    { what: "goes beyond the packet", properties: [3, 1, 1] },
  ])("finds fault where the length of the properties $what", ({ properties }) => {
    const body = [0, 1, 0x61, ...properties];
    expect(() => decode(Uint8Array.of(0x30, body.length, ...body), 5)).toThrow(ProtocolFault);
  });

  test("finds fault with a topic alias, and says so to the broker", () => {
    const packet = writePublish({ topic: "a", properties: { topicAlias: 1 } }, 5);
    expect(() => decode(packet, 5)).toThrow(expect.objectContaining({ reasonCode: 0x94 }));
  });

  test("reads a message whose properties go to its very end", () => {
    const packet = Uint8Array.of(0x30, 6, 0, 1, 0x61, 2, 1, 1);
    expect(decoded(packet, 5)).toMatchObject({ topic: "a", payload: Buffer.alloc(0) });
  });
});
