import { describe, expect, test } from "vitest";
import { cbor } from "../../src/cbor.ts";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";

const read = (hex: string, maxDepth = 1_000): unknown =>
  cbor.decode(new Uint8Array(Buffer.from(hex, "hex")), maxDepth);

const faultOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof PayloadValidationError) return error.issues[0]?.message;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("reads", () => {
  test.each([
    ["an integer in more bytes than it needs", "1b0000000000000001", 1],
    ["the last safe integer", "1b001fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["an integer beyond 2^53", "1b0020000000000001", 9_007_199_254_740_993n],
    ["the largest", "1bffffffffffffffff", 2n ** 64n - 1n],
    ["the least", "3bffffffffffffffff", -(2n ** 64n)],
    ["a float of 16 bits", "f93c00", 1],
    ["the smallest of them", "f90001", 5.960_464_477_539_063e-8],
    ["-0", "f98000", -0],
    ["-Infinity in 16 bits", "f9fc00", -Infinity],
    ["NaN in 16 bits", "f97e00", Number.NaN],
    ["undefined as null", "f7", null],
    ["bytes in parts", "5f42010243030405ff", Uint8Array.of(1, 2, 3, 4, 5)],
    ["a text in parts", "7f657374726561646d696e67ff", "streaming"],
    ["an array of unknown length", "9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
    ["an object of unknown length", "bf61610161629f0203ffff", { a: 1, b: [2, 3] }],
    ["names that objects have by themselves", "a168746f537472696e6701", { toString: 1 }],
  ])("%s", (_, hex, value) => {
    expect(read(hex)).toStrictEqual(value);
  });

  test.each([
    ["Uint8Array", "d84042ff01", Uint8Array.of(255, 1)],
    ["Uint8ClampedArray", "d84442ff01", Uint8ClampedArray.of(255, 1)],
    ["Int8Array", "d84842ff01", Int8Array.of(-1, 1)],
    ["big endian Uint16Array", "d841420102", Uint16Array.of(0x0102)],
    ["big endian Uint32Array", "d8424401020304", Uint32Array.of(0x0102_0304)],
    ["big endian BigUint64Array", "d84348ffffffffffffffff", BigUint64Array.of(2n ** 64n - 1n)],
    ["big endian Int16Array", "d84942fffe", Int16Array.of(-2)],
    ["big endian Int32Array", "d84a44fffffffe", Int32Array.of(-2)],
    ["big endian BigInt64Array", "d84b48fffffffffffffffe", BigInt64Array.of(-2n)],
    ["big endian Float32Array", "d851443fc00000", Float32Array.of(1.5)],
    ["big endian Float64Array", "d852483ff8000000000000", Float64Array.of(1.5)],
    ["little endian Float64Array", "d85648000000000000f83f", Float64Array.of(1.5)],
  ])("a %s", (_, hex, value) => {
    expect(read(hex)).toStrictEqual(value);
  });

  test("a typed array at any place of its bytes, as one of its own", () => {
    const encoded = cbor.encode({ a: Float64Array.of(1.5, 2.5) }, "payload");
    for (let shift = 0; shift < 8; shift += 1) {
      const bytes = new Uint8Array(encoded.length + shift);
      bytes.set(encoded, shift);
      const value = cbor.decode(bytes.subarray(shift), 10);
      bytes.fill(0);
      expect(value).toStrictEqual({ a: Float64Array.of(1.5, 2.5) });
    }
  });

  test("bytes out of a Buffer as a Uint8Array of their own", () => {
    const buffer = Buffer.from("420102", "hex");
    const value = cbor.decode(buffer, 10);
    buffer.fill(0);
    expect(value).toStrictEqual(Uint8Array.of(1, 2));
  });
});

describe("refuses", () => {
  test.each([
    ["nothing", "", "it is longer than its bytes"],
    ["more behind the value", "0101", "there is more behind the value"],
    ["a text cut short", "6449", "it is longer than its bytes"],
    ["a text that is not UTF-8", "61ff", "a text that is not UTF-8"],
    ["a byte string of 2^64 bytes", "5bffffffffffffffff", "it is longer than its bytes"],
    ["an array of 2^32 items", "9affffffff", "it is longer than its bytes"],
    ["an object of more fields than there are bytes", "a30101", "it is longer than its bytes"],
    ["an array without its end", "9f01", "it is longer than its bytes"],
    ["an end of nothing", "ff", "a simple value that is not known"],
    ["an end in place of a field's value", "bf6161ff", "a simple value that is not known"],
    ["a string in a string's part", "5f5f4101ffff", "a string with a part of another kind"],
    ["a text in a byte string's part", "5f6161ff", "a string with a part of another kind"],
    ["a length of a reserved kind", "1c", "a length of a kind that does not exist"],
    ["a tag that is not known", "c11a514b67b0", "the tag 1, which is not known"],
    ["a bignum", "c249010000000000000000", "the tag 2, which is not known"],
    ["a tag of unknown length", "df40", "a length of a kind that does not exist"],
    ["a typed array without bytes", "d8558101", "a typed array without bytes"],
    ["half an element", "d85543000000", "a typed array that ends within an element"],
    ["floats of 128 bits", "d85750".padEnd(38, "0"), "the tag 87, which is not known"],
    ["an unknown simple value", "f820", "a simple value that is not known"],
    ["a name that is no text", "a10102", "a field whose name is no text"],
    ["the same field twice", "a2616101616102", "a field that comes twice"],
    ["__proto__", "a1695f5f70726f746f5f5f01", "a field named __proto__"],
  ])("%s", (_, hex, reason) => {
    expect(faultOf(() => read(hex))).toMatch(
      new RegExp(`^not CBOR: ${reason.replaceAll(".", "\\.")} \\(byte \\d+\\)$`),
    );
  });

  test("what nests deeper than is wanted, whatever the stack holds", () => {
    expect(read(`${"81".repeat(10)}01`, 10)).toBeDefined();
    expect(faultOf(() => read(`${"81".repeat(11)}01`, 10))).toContain("more than 10 levels deep");
    expect(faultOf(() => read("9f".repeat(1_000_000)))).toContain("more than 1000 levels deep");
    expect(faultOf(() => read("a16161".repeat(1_000_000)))).toContain("more than 1000 levels");
    expect(faultOf(() => read("c1".repeat(1_000_000)))).toContain("tag");
  });
});
