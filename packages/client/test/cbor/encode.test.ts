import { describe, expect, test } from "vitest";
import { cbor } from "../../src/cbor.ts";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";

const hex = (value: unknown): string => Buffer.from(cbor.encode(value, "payload")).toString("hex");

const issuesOf = (value: unknown): PayloadValidationError["issues"] => {
  try {
    cbor.encode(value, "payload");
  } catch (error) {
    if (error instanceof PayloadValidationError) return error.issues;
    throw error;
  }
  throw new Error("nothing was thrown");
};

const messageOf = (value: unknown): string =>
  issuesOf(value)
    .map(({ path, message }) => `${path}: ${message}`)
    .join("\n");

describe("the bytes of", () => {
  // Those of RFC 8949 appendix A.
  test.each([
    [0, "00"],
    [23, "17"],
    [24, "1818"],
    [1000, "1903e8"],
    [1_000_000, "1a000f4240"],
    [1_000_000_000_000, "1b000000e8d4a51000"],
    [-1, "20"],
    [-1000, "3903e7"],
    [1.1, "fb3ff199999999999a"],
    [100_000.5, "fa47c35040"],
    [Infinity, "fa7f800000"],
    [true, "f5"],
    [null, "f6"],
    ["", "60"],
    ["IETF", "6449455446"],
    ["ü", "62c3bc"],
    ["𐅑", "64f0908591"],
    [[1, [2, 3]], "8201820203"],
    [{ a: 1, b: [2, 3] }, "a26161016162820203"],
    [Uint8Array.of(1, 2, 3, 4), "4401020304"],
    [9_007_199_254_740_993n, "1b0020000000000001"],
    [-(2n ** 63n), "3b7fffffffffffffff"],
  ])("%s", (value, bytes) => {
    expect(hex(value)).toBe(bytes);
  });

  test("a typed array are its own, little endian, behind its tag", () => {
    expect(hex(Float32Array.of(1.5))).toBe("d855440000c03f");
    expect(hex(Uint16Array.of(0x0102))).toBe("d845420201");
    expect(hex(Int8Array.of(-1))).toBe("d84841ff");
  });

  test("a typed array are those that it shows, wherever in its buffer they lie", () => {
    const { buffer } = Uint8Array.of(9, 9, 1, 2, 9, 9);
    expect(hex(new Uint8Array(buffer, 2, 2))).toBe("420102");
    expect(hex(new Uint16Array(buffer, 2, 1))).toBe("d845420102");
  });

  test("an object leave out fields that are undefined, however many there are", () => {
    expect(hex({ a: undefined, b: 1 })).toBe("a1616201");
    for (const count of [24, 256, 65_536]) {
      const fields = Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, n]));
      const bytes = cbor.encode({ ...fields, f0: undefined }, "payload");
      const { f0: _, ...rest } = fields;
      expect(JSON.stringify(cbor.decode(bytes, 10))).toBe(JSON.stringify(rest));
    }
  });

  test("what has a toJSON are those of what it gives", () => {
    expect(hex({ at: new Date(0) })).toBe(hex({ at: "1970-01-01T00:00:00.000Z" }));
  });

  test("data beyond the depth that is written at once are complete", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 250; level += 1) deep = [deep];
    expect(hex(deep)).toBe(`${"81".repeat(250)}01`);
  });
});

describe("what cannot be carried over is refused with its place:", () => {
  const cycle: Record<string, unknown> = { a: {} };
  cycle["a"] = { back: cycle };
  const named = Object.assign([1], { name: "x" });
  // oxlint-disable-next-line no-sparse-arrays
  const sparse = [1, , 2];

  test.each([
    ["undefined", { body: [1, undefined] }, "body[1]: CBOR cannot carry undefined"],
    ["a function", { body: { f: () => 1 } }, "body.f: CBOR cannot carry a function"],
    ["a symbol", { body: Symbol("s") }, "body: CBOR cannot carry a symbol"],
    ["a cycle", cycle, "a.back: a cycle: it is the object at the top"],
    ["a hole", sparse, "[1]: CBOR cannot carry a hole; send null"],
    ["a field of an array", named, "name: CBOR cannot carry a field of an array; send an object"],
    ["a Map", { m: new Map() }, "m: CBOR cannot carry a Map; send Object.fromEntries(map)"],
    [
      "an integer beyond int64",
      { n: 2n ** 63n },
      "n: 9223372036854775808n is beyond what an int64 holds exactly; send a string",
    ],
    ["half a surrogate pair", { t: "\ud800" }, "t: holds half a surrogate pair"],
    [
      "a DataView",
      { v: new DataView(new ArrayBuffer(1)) },
      "v: CBOR cannot carry a DataView; send Array.from(it)",
    ],
    [
      "__proto__",
      JSON.parse('{"__proto__":1}'),
      "__proto__: CBOR cannot carry a field of this name",
    ],
  ])("%s", (_, value, expected) => {
    expect(messageOf(value)).toBe(expected);
  });

  test("what a getter throws", () => {
    const value = {
      get broken(): number {
        throw new Error("no reading");
      },
    };
    expect(messageOf(value)).toBe("broken: cannot be read: no reading");
  });

  test("each of several", () => {
    expect(issuesOf({ a: undefined, b: () => 1, c: [new Set()] })).toHaveLength(2);
  });
});
