import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cbor } from "../../src/cbor.ts";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const leaf = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }).filter((text) => text.isWellFormed()),
  fc.double(),
  fc.float(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  int64.filter((value) => !Number.isSafeInteger(Number(value))),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int8Array(),
  fc.uint16Array(),
  fc.int16Array(),
  fc.uint32Array(),
  fc.int32Array(),
  fc.bigUint64Array(),
  fc.bigInt64Array(),
  fc.float32Array(),
  fc.float64Array(),
);

const name = fc
  .string({ unit: "binary", maxLength: 40 })
  .filter((text) => text.isWellFormed() && text !== "__proto__");

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.array(tie("value"), { maxLength: 30 }),
    fc.dictionary(name, tie("value"), { maxKeys: 30, noNullPrototype: true }),
  ),
}));

test("whatever can be carried over comes out as it went in", () => {
  const roundTrip = fc.property(anyValue, (value) => {
    expect(cbor.decode(cbor.encode(value, "payload"), 1_000)).toStrictEqual(value);
  });
  fc.assert(roundTrip, { numRuns: 1_000 });
});

test("whatever is given, it is written or refused with the typed error", () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    stringUnit: "binary",
  });
  const written = fc.property(anything, (value) => {
    let bytes: Uint8Array;
    try {
      bytes = cbor.encode(value, "payload");
    } catch (error) {
      expect(error).toBeInstanceOf(PayloadValidationError);
      return;
    }
    cbor.decode(bytes, 1_000);
  });
  fc.assert(written, { numRuns: 1_000 });
});

/** Reads bytes that anybody may have sent. */
const readHostile = (bytes: Uint8Array): void => {
  try {
    cbor.decode(bytes, 100);
  } catch (error) {
    expect(error).toBeInstanceOf(PayloadValidationError);
  }
};

test("whatever the bytes, they are read or refused with the typed error", () => {
  const items = fc.constantFrom(
    0x81,
    0x9f,
    0xa1,
    0xbf,
    0x5f,
    0x7f,
    0xff,
    0xd8,
    0x55,
    0x61,
    0x41,
    0xfb,
  );
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(fc.oneof(items, fc.nat(255)), { maxLength: 200 }).map((list) => Uint8Array.from(list)),
  );
  fc.assert(fc.property(anyBytes, readHostile), { numRuns: 20_000 });
});

test("whatever is changed in good bytes, they are read or refused with the typed error", () => {
  const change = fc.record({ at: fc.nat(), to: fc.nat(255) });
  const changed = fc.property(anyValue, fc.array(change, { maxLength: 4 }), (value, changes) => {
    const bytes = cbor.encode(value, "payload");
    for (const { at, to } of changes) bytes[at % bytes.length] = to;
    readHostile(bytes);
    readHostile(bytes.subarray(0, bytes.length / 2));
  });
  fc.assert(changed, { numRuns: 2_000 });
});

test.each([
  ["an array of 4 billion items", "9affffffff00"],
  ["an object of 4 billion fields", "baffffffff00"],
  ["a text of 4 GB", "7affffffff00"],
  ["4 GB of floats", "d8555affffffff00"],
  ["a part of 4 GB", "5f5affffffff00"],
])("%s that is not there takes no memory", (_, hex) => {
  const bytes = new Uint8Array(Buffer.from(hex, "hex"));
  const before = process.memoryUsage();
  for (let count = 0; count < 1_000; count += 1) readHostile(bytes);
  const after = process.memoryUsage();
  const taken = after.heapTotal + after.external - before.heapTotal - before.external;
  expect(taken).toBeLessThan(64 * 1024 * 1024);
});
