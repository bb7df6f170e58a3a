import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { ControlPacket } from "../../src/transport/control-packet.ts";
import { readControlPacket } from "../../src/transport/control-packet.ts";
import { PacketFrames, ProtocolFault } from "../../src/transport/packet-frames.ts";
import { checkFirstByte } from "../../src/transport/packet-stream.ts";
import type { ProtocolLevel } from "../../src/transport/transport.ts";

const BOTH_LEVELS = [4, 5] as const;

const read = (level: ProtocolLevel, ...bytes: readonly number[]): ControlPacket => {
  const frames = new PacketFrames(checkFirstByte);
  frames.add(Uint8Array.from(bytes));
  const frame = frames.next();
  if (frame === undefined) throw new Error("the packet is not whole");
  return readControlPacket(frame, level);
};

const text = (value: string): readonly number[] => [0, value.length, ...Buffer.from(value)];

describe.each(BOTH_LEVELS)("a packet from a broker, MQTT level %i", (level) => {
  test.each([
    ["of the reserved type 0", [0x00, 0]],
    ["CONNECT", [0x10, 0]],
    ["SUBSCRIBE", [0x82, 0]],
    ["UNSUBSCRIBE", [0xa2, 0]],
    ["PINGREQ", [0xc0, 0]],
    ["AUTH, which nobody asked for", [0xf0, 0]],
    ["CONNACK with flags", [0x21, 2, 0, 0]],
    ["CONNACK without a reason code", [0x20, 1, 0]],
    ["CONNACK with reserved bits", [0x20, 2, 2, 0]],
    ["PUBACK with flags", [0x42, 2, 0, 1]],
    ["PUBACK without an identifier", [0x40, 0]],
    ["PUBACK with half an identifier", [0x40, 1, 1]],
    ["PUBACK with the identifier 0", [0x40, 2, 0, 0]],
    ["PUBREC without an identifier", [0x50, 0]],
    ["PUBREL without an identifier", [0x62, 0]],
    ["PUBREL with the identifier 0", [0x62, 2, 0, 0]],
    ["PUBREL without its flags", [0x60, 2, 0, 1]],
    ["PUBCOMP without an identifier", [0x70, 0]],
    ["SUBACK without an identifier", [0x90, 0]],
    ["SUBACK without a verdict", [0x90, ...(level === 5 ? [3, 0, 1, 0] : [2, 0, 1])]],
    ["SUBACK with the identifier 0", [0x90, ...(level === 5 ? [4, 0, 0, 0, 0] : [3, 0, 0, 0])]],
    ["UNSUBACK without an identifier", [0xb0, 1, 0]],
    ["PINGRESP with a body", [0xd0, 1, 0]],
  ])("must not be %s", (_what, bytes) => {
    expect(() => read(level, ...bytes)).toThrow(ProtocolFault);
  });

  test("may be an acknowledgement", () => {
    expect(read(level, 0x40, 2, 1, 2)).toMatchObject({ messageId: 0x0102, reasonCode: 0 });
  });

  test("may be the refusal of a broker that knows MQTT 3.1.1 only", () => {
    expect(read(level, 0x20, 2, 0, 1)).toMatchObject({ type: 2, reasonCode: 1 });
  });

  property.prop([
    fc.constantFrom(0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0),
    fc.uint8Array({ maxLength: 40 }),
  ])("is read or found fault with, whatever the bytes are", (first, body) => {
    try {
      read(level, first, body.length, ...body);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolFault);
    }
  });
});

describe("a packet from a broker, MQTT level 4", () => {
  test.each([
    ["a PUBACK with a reason code", [0x40, 3, 0, 1, 0]],
    ["a CONNACK with properties", [0x20, 3, 0, 0, 0]],
    ["an UNSUBACK with verdicts", [0xb0, 3, 0, 1, 0]],
    ["a DISCONNECT", [0xe0, 0]],
  ])("must not be %s", (_what, bytes) => {
    expect(() => read(4, ...bytes)).toThrow(ProtocolFault);
  });
});

describe("a packet from a broker, MQTT level 5", () => {
  test("gives its reason, and in whose words", () => {
    const body = [0x87, 6, 0x1f, ...text("no!")];
    const packet = read(5, 0x40, 2 + body.length, 0, 7, ...body);
    expect(packet).toMatchObject({ messageId: 7, reasonCode: 0x87 });
    expect(packet.properties.get(0x1f)).toBe("no!");
  });

  test("gives what a CONNACK says of the broker", () => {
    const properties = [0x21, 0, 9, 0x24, 1, 0x25, 0, 0x27, 0, 1, 0, 0];
    const packet = read(5, 0x20, 3 + properties.length, 0, 0, properties.length, ...properties);
    expect([...packet.properties]).toEqual([
      [0x21, 9],
      [0x24, 1],
      [0x25, 0],
      [0x27, 65_536],
    ]);
  });

  test.each([
    ["a receive maximum of 0", [0x21, 0, 0]],
    ["a maximum packet size of 0", [0x27, 0, 0, 0, 0]],
    ["a flag that is neither 0 nor 1", [0x25, 2]],
    ["a property twice", [0x21, 0, 1, 0x21, 0, 1]],
    ["a property that there is not", [0x7f, 0]],
    ["a property of another packet", [0x23, 0, 1]],
    ["a text longer than the properties", [0x1f, 0, 5, 0x61]],
    ["a number longer than the properties", [0x27, 0, 0]],
    ["half a pair", [0x26, 0, 1, 0x61]],
  ])("must not be a CONNACK with %s", (_what, properties) => {
    expect(() =>
      read(5, 0x20, 3 + properties.length, 0, 0, properties.length, ...properties),
    ).toThrow(ProtocolFault);
  });

  test.each([
    ["goes beyond the packet", [5, 0x1f]],
    ["leaves bytes behind it", [0, 0]],
  ])("must not have a length of its properties that %s", (_what, end) => {
    expect(() => read(5, 0xe0, 1 + end.length, 0, ...end)).toThrow(ProtocolFault);
  });
});
