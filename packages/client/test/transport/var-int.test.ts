import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { readVarInt, varIntBytes } from "../../src/transport/var-int.ts";

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

  test("gives null for a number that does not end with its fourth byte", () => {
    expect(readVarInt(Uint8Array.of(0x80, 0x80, 0x80, 0x80), 0)).toBeNull();
    expect(readVarInt(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0), 0)).toBeNull();
  });
});

describe("varIntBytes", () => {
  property.prop([anyValue])("is what a number takes when written", (value) => {
    expect(varIntBytes(value)).toBe(written(value).length);
  });
});
