import * as fc from "fast-check";

/** The bytes in as many chunks as there are cuts and one; a cut is a part of the whole, from 0 to 1. */
export const cutAt = (bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] => {
  const places = cuts.map((cut) => Math.round(cut * bytes.length)).toSorted((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
};

/** Chunks of one byte each. */
export const byteByByte = (bytes: Uint8Array): readonly Uint8Array[] =>
  Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1));

/** Where to cut; the same place more than once gives chunks without bytes. */
export const anyCuts: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1)),
  { maxLength: 30 },
);

/** A packet whose length takes one byte, two or three. */
export const anyPacket: fc.Arbitrary<Buffer> = fc
  .record({
    first: fc.nat(255),
    fill: fc.nat(255),
    length: fc.oneof(fc.nat(20), fc.constantFrom(0, 1, 126, 127, 128, 129, 16_383, 16_384, 16_385)),
  })
  .map(({ first, fill, length }) => {
    const digits: number[] = [];
    let rest = length;
    do {
      digits.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
      rest >>>= 7;
    } while (rest > 0);
    return Buffer.concat([Uint8Array.of(first, ...digits), Buffer.alloc(length, fill)]);
  });
