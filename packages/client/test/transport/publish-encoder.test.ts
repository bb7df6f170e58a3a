import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PublishEncoder, isLongerThan } from "../../src/transport/publish-encoder.ts";
import type { OutgoingMessage, ProtocolLevel, QoS } from "../../src/transport/transport.ts";
import type { ReadPublish } from "./packets.ts";
import { PacketReader, readPublish } from "./packets.ts";

/** A message, and how long it is wanted. */
type Sending = OutgoingMessage & { readonly expiryMs?: number };

const BOTH_LEVELS = [4, 5] as const;

/** Reads back what was encoded; throws unless it is exactly one packet. */
const readBack = (bytes: Uint8Array, level: ProtocolLevel): ReadPublish => {
  const [packet, ...others] = new PacketReader().read(bytes);
  if (packet === undefined || others.length > 0) throw new Error("not exactly one packet");
  return readPublish(packet, level);
};

/** What a broker is to read. */
const expectedOf = (message: Sending, level: ProtocolLevel): ReadPublish => {
  const { topic, payload, retain, expiryMs, responseTopic, correlationData } = message;
  const has5 = level === 5;
  return {
    topic,
    payload: String(payload),
    retain,
    qos: 0,
    messageId: undefined,
    expirySeconds:
      has5 && expiryMs !== undefined ? Math.max(1, Math.ceil(expiryMs / 1000)) : undefined,
    responseTopic: has5 ? responseTopic : undefined,
    correlationData: has5 ? correlationData : undefined,
  };
};

const text = (unit: string, times: number): string => unit.repeat(times);

const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.tuple(fc.constantFrom("a", "é", "€", "😀"), fc.nat(300)).map(([unit, n]) => text(unit, n)),
);

const anyMessage: fc.Arbitrary<Sending> = fc
  .record({
    topic: anyText,
    payload: anyText,
    retain: fc.boolean(),
    expiryMs: fc.option(fc.nat(2_147_483_647)),
    responseTopic: fc.option(anyText),
    correlationData: fc.option(anyText),
  })
  .map(({ expiryMs, responseTopic, correlationData, ...rest }) => ({
    ...rest,
    qos: 0 as const,
    ...(expiryMs === null ? {} : { expiryMs }),
    ...(responseTopic === null ? {} : { responseTopic }),
    ...(correlationData === null ? {} : { correlationData }),
  }));

const message = (more: Partial<Sending> = {}): Sending => ({
  topic: "a/b",
  payload: "{}",
  qos: 0,
  retain: false,
  ...more,
});

describe.each(BOTH_LEVELS)("PublishEncoder, MQTT level %i", (level) => {
  test("writes what a broker reads back, whatever the message", () => {
    const encoder = new PublishEncoder(level);
    fc.assert(
      fc.property(anyMessage, (any) => {
        expect(readBack(encoder.encode(any, any.expiryMs), level)).toEqual(expectedOf(any, level));
      }),
    );
  });

  test.each([0, 128, 16_384, 2_097_152])(
    "writes a packet with a remaining length around %i",
    (length) => {
      const encoder = new PublishEncoder(level);
      for (const off of [-9, -8, -7, -6, -5, -4, 0, 1]) {
        const large = message({ payload: "x".repeat(Math.max(0, length + off)) });
        const { payload } = readBack(encoder.encode(large), level);
        expect(payload.length).toBe(large.payload.length);
      }
    },
  );

  test("leaves the packets alone that it gave out before", () => {
    const encoder = new PublishEncoder(level);
    const messages = Array.from({ length: 2_000 }, (_, number) =>
      message({ topic: `a/${String(number)}`, payload: text("€", number % 200) }),
    );
    const packets = messages.map((one) => encoder.encode(one));
    packets.forEach((bytes, index) => {
      expect(readBack(bytes, level)).toEqual(expectedOf(messages[index] ?? message(), level));
    });
  });
});

describe("PublishEncoder", () => {
  test.each([1, 2] as const)("writes QoS %i and the packet identifier", (qos) => {
    for (const level of BOTH_LEVELS) {
      const bytes = new PublishEncoder(level).encode(message({ qos }), undefined, 0x1234);
      expect(readBack(bytes, level)).toMatchObject({ qos, messageId: 0x1234, payload: "{}" });
    }
  });

  test.each([3, 200_000])(
    "writes a payload of %i bytes as they are, with its media type",
    (length) => {
      const payload = Uint8Array.from({ length }, (_, index) => 255 - (index % 256));
      const outgoing = { ...message(), payload, contentType: "application/cbor" };
      const properties = Buffer.from("\x13\x03\x00\x10application/cbor", "latin1");
      const withType = new PublishEncoder(5).encode(outgoing);
      expect(
        Buffer.from(withType)
          .subarray(-length - 20)
          .equals(Buffer.concat([properties, payload])),
      ).toBe(true);
      const without = new PublishEncoder(4).encode(outgoing);
      expect(Buffer.from(without).subarray(-length).equals(payload)).toBe(true);
      expect(without.length).toBe(withType.length - 20);
      for (const [bytes, level] of [
        [withType, 5],
        [without, 4],
      ] as const) {
        expect(isLongerThan(bytes.length, outgoing, level)).toBe(false);
        expect(isLongerThan(bytes.length - 1, outgoing, level)).toBe(true);
      }
    },
  );

  test("reserves for a large payload what it needs, and no more", () => {
    const packet = new PublishEncoder(5).encode(message({ payload: "x".repeat(100_000) }));
    expect(packet.buffer.byteLength).toBeLessThan(100_100);
  });

  test.each([100, 113, 114, 115, 116, 120, 128, 200, 60_000])(
    "writes properties whose length takes one byte or more: a response topic of %i",
    (length) => {
      const outgoing = message({
        expiryMs: 5_000,
        responseTopic: "r".repeat(length),
        correlationData: "id",
      });
      const bytes = new PublishEncoder(5).encode(outgoing, outgoing.expiryMs);
      expect(readBack(bytes, 5)).toEqual(expectedOf(outgoing, 5));
    },
  );
});

describe("the expiry of a message", () => {
  test.each([
    [0, 1],
    [1, 1],
    [1_000, 1],
    [1_000.5, 2],
    [2_147_483_647, 2_147_484],
  ])("is rounded from %d ms up to %i s, and never down to none", (ms, seconds) => {
    const bytes = new PublishEncoder(5).encode(message(), ms);
    expect(readBack(bytes, 5).expirySeconds).toBe(seconds);
  });
});

describe("isLongerThan", () => {
  test("is exact: the limit is kept to the byte", () => {
    const anySending = fc.record({ any: anyMessage, qos: fc.constantFrom<QoS>(0, 1, 2) });
    fc.assert(
      fc.property(anySending, fc.constantFrom(...BOTH_LEVELS), ({ any, qos }, level) => {
        const outgoing = { ...any, qos, expires: any.expiryMs !== undefined };
        const packet = new PublishEncoder(level).encode(outgoing, any.expiryMs, 1);
        expect(isLongerThan(packet.length, outgoing, level)).toBe(false);
        expect(isLongerThan(packet.length - 1, outgoing, level)).toBe(true);
      }),
    );
  });

  test("tells what no packet can hold", () => {
    expect(isLongerThan(268_435_460, message({ payload: "x".repeat(268_435_460) }), 4)).toBe(true);
  });
});
