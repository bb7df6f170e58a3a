import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test, vi } from "vitest";
import { PacketFrames, ProtocolFault, readVarInt } from "../../src/transport/packet-frames.ts";
import { anyCuts, anyPacket, byteByByte, cutAt } from "./cut-bytes.ts";

const LARGEST = 268_435_455;

const written = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...written(value >>> 7)];

const anyValue = fc.oneof(
  fc.nat(LARGEST),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, LARGEST),
);

describe("readVarInt", () => {
  property.prop([anyValue, fc.nat(5)])("reads any number wherever it stands", (value, at) => {
    const digits = written(value);
    const bytes = Uint8Array.from([...Array.from({ length: at }, () => 0xff), ...digits, 0xff]);
    expect(readVarInt(bytes, at)).toEqual({ value, end: at + digits.length });
  });

  property.prop([anyValue])("gives undefined for a number that is cut off", (value) => {
    const digits = written(value);
    for (let length = 0; length < digits.length; length += 1) {
      expect(readVarInt(Uint8Array.from(digits.slice(0, length)), 0)).toBeUndefined();
    }
  });

  test("throws at a number that does not end with its fourth byte", () => {
    expect(() => readVarInt(Uint8Array.of(0x80, 0x80, 0x80, 0x80), 0)).toThrow(ProtocolFault);
    expect(() => readVarInt(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0), 0)).toThrow(ProtocolFault);
  });
});

/** All that is there, in the order in which it comes. */
const takeAll = (frames: PacketFrames): readonly Uint8Array[] => {
  const packets: Uint8Array[] = [];
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
    packets.push(frame.packet);
  }
  return packets;
};

/** What comes of these chunks, when there is a look after each. */
const framed = (chunks: readonly Uint8Array[]): readonly Uint8Array[] => {
  const frames = new PacketFrames();
  return chunks.flatMap((chunk) => {
    frames.add(chunk);
    return takeAll(frames);
  });
};

/** The packets as texts, which are compared a thousand times as fast. */
const asTexts = (packets: readonly Uint8Array[]): readonly string[] =>
  packets.map((packet) => Buffer.from(packet).toString("latin1"));

const anyPackets = fc.array(anyPacket, { maxLength: 8 });

describe("PacketFrames", () => {
  property.prop([anyPackets, anyCuts])(
    "gives the same packets however they are cut",
    (sent, cuts) => {
      expect(asTexts(framed(cutAt(Buffer.concat(sent), cuts)))).toEqual(asTexts(sent));
    },
  );

  property.prop([anyPackets, anyCuts])("needs no look between two chunks", (sent, cuts) => {
    const frames = new PacketFrames();
    for (const chunk of cutAt(Buffer.concat(sent), cuts)) frames.add(chunk);
    expect(asTexts(takeAll(frames))).toEqual(asTexts(sent));
  });

  property.prop([fc.array(anyPacket, { maxLength: 3 })], { numRuns: 20 })(
    "gives the same packets byte by byte",
    (sent) => {
      expect(asTexts(framed(byteByByte(Buffer.concat(sent))))).toEqual(asTexts(sent));
    },
  );

  test("gives nothing before the last byte of a packet", () => {
    const frames = new PacketFrames();
    for (const byte of [0x30, 0x82, 0x00, 0x01]) {
      frames.add(Uint8Array.of(byte));
      expect(frames.next()).toBeUndefined();
    }
    frames.add(Uint8Array.of(0x02));
    expect(frames.next()).toEqual({
      packet: Uint8Array.of(0x30, 0x82, 0x00, 0x01, 0x02),
      bodyAt: 3,
    });
  });

  test("gives a packet that came in one piece as a view of it", () => {
    const frames = new PacketFrames();
    const chunk = Uint8Array.of(0xd0, 0, 0x30, 1, 2);
    frames.add(chunk);
    for (const packet of takeAll(frames)) expect(packet.buffer).toBe(chunk.buffer);
  });

  test("copies a large packet once, however small its pieces are", () => {
    const bytes = 2_000_000;
    const sent = Buffer.concat([Uint8Array.of(0x30, 0x80, 0x89, 0x7a), Buffer.alloc(bytes)]);
    const frames = new PacketFrames();
    const copies = vi.spyOn(Uint8Array.prototype, "set");
    const packets: Uint8Array[] = [];
    for (let at = 0; at < sent.length; at += 1_000) {
      frames.add(
        new Uint8Array(sent.buffer, sent.byteOffset + at, Math.min(1_000, sent.length - at)),
      );
      packets.push(...takeAll(frames));
    }
    const copied = copies.mock.calls.reduce((sum, [piece]) => sum + piece.length, 0);
    expect(packets.map(({ length }) => length)).toEqual([sent.length]);
    expect(copied).toBe(sent.length);
  });

  test("copies a long backlog once, however many packets it holds", () => {
    const frames = new PacketFrames();
    const chunk = Uint8Array.from(
      Array.from({ length: 999 }, (_, at) => (at % 3 === 1 ? 1 : 0x30)),
    );
    const copies = vi.spyOn(Uint8Array.prototype, "set");
    for (let chunks = 0; chunks < 10; chunks += 1) frames.add(chunk);
    expect(takeAll(frames)).toHaveLength(3_330);
    const copied = copies.mock.calls.reduce((sum, [piece]) => sum + piece.length, 0);
    expect(copied).toBe(9_990);
  });

  test("throws at a length that is none, behind the packets before it", () => {
    const frames = new PacketFrames();
    frames.add(Uint8Array.of(0xd0, 0));
    frames.add(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01, 0x02));
    expect(frames.next()?.packet).toEqual(Uint8Array.of(0xd0, 0));
    expect(() => frames.next()).toThrow(ProtocolFault);
  });

  test("asks about the first byte before the rest is there", () => {
    const asked: number[] = [];
    const frames = new PacketFrames((first) => void asked.push(first));
    frames.add(Uint8Array.of(0x48));
    expect(frames.next()).toBeUndefined();
    expect(asked).toEqual([0x48]);
  });

  property.prop([fc.uint8Array({ maxLength: 200 }), anyCuts])(
    "loses nothing and comes to an end, whatever the bytes are",
    (bytes, cuts) => {
      const frames = new PacketFrames();
      const packets: Uint8Array[] = [];
      try {
        for (const chunk of cutAt(bytes, cuts)) {
          frames.add(chunk);
          packets.push(...takeAll(frames));
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolFault);
      }
      const given = Buffer.concat(packets);
      expect(given).toEqual(Buffer.from(bytes.subarray(0, given.length)));
    },
  );
});
