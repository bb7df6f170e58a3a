import { describe, expect, test } from "vitest";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import { decodeJson, decodeUtf8, parseJson } from "../../src/json/decode.ts";

const failure = (run: () => unknown): PayloadValidationError => {
  try {
    run();
  } catch (error) {
    if (error instanceof PayloadValidationError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("decodeUtf8", () => {
  test("reads every part of Unicode", () => {
    const text = "aé☃\u{1d11e}";
    expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
  });

  test.each([
    ["a byte that is never used", [0xff]],
    ["a character cut short", [0xe2, 0x98]],
    ["an overlong form", [0xc0, 0xaf]],
    ["half a surrogate pair", [0xed, 0xa0, 0x80]],
    ["a code point beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
  ])("refuses %s, and reads on afterwards", (_, bytes) => {
    const error = failure(() => decodeUtf8(Uint8Array.from(bytes)));
    expect(error.message).toBe("invalid payload: not UTF-8");
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(decodeUtf8(Uint8Array.of(0x61))).toBe("a");
  });

  test("drops a byte order mark", () => {
    expect(decodeJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toBe(1);
    expect(decodeJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x32))).toBe(2);
  });

  test("reads the bytes of a view, not of the buffer below it", () => {
    const buffer = new TextEncoder().encode("[1,2]").buffer;
    expect(decodeJson(new Uint8Array(buffer, 1, 1))).toBe(1);
  });
});

describe("parseJson", () => {
  test.each([
    ["null", null],
    ["[1,2.5,-0]", [1, 2.5, -0]],
    [' {"a":"\\u2603"} ', { a: "☃" }],
  ])("reads %s", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test("keeps a key named __proto__ as data", () => {
    const value = parseJson('{"__proto__":{"admin":true}}');
    expect(Object.keys(Object(value))).toEqual(["__proto__"]);
    expect(value).not.toHaveProperty("admin");
  });

  /** An array in an array, and so on; strings hold brackets that do not count. */
  const nested = (levels: number): string =>
    `${'["[[{\\"",'.repeat(levels - 1)}[]${"]".repeat(levels - 1)}`;

  test.each([
    ["1000 levels by default", 1_000, undefined],
    ["as many levels as it is told", 5, 5],
  ])("reads %s, and refuses one more", (_what, levels, maxDepth) => {
    expect(Array.isArray(parseJson(nested(levels), maxDepth))).toBe(true);
    expect(() => parseJson(nested(levels + 1), maxDepth)).toThrow(
      `invalid payload: arrays and objects nest more than ${levels} levels deep`,
    );
  });

  test("refuses what never closes before it is parsed, however long it is", () => {
    for (const opening of ["[", '{"a":']) {
      const error = failure(() => parseJson(opening.repeat(1_000_000)));
      expect(error.issues[0]?.message).toContain("nest more than 1000 levels");
    }
  });

  test("counts levels, not brackets", () => {
    const text = `[${"[],".repeat(5_000)}{}]`;
    expect(parseJson(text)).toHaveLength(5_001);
  });

  test.each(["", "{", "nul", "[1,]", "{'a':1}", "NaN", "01", "[1] x"])("refuses %j", (text) => {
    const error = failure(() => parseJson(text));
    expect(error.message).toMatch(/^invalid payload: not JSON: ./);
    expect(error.issues).toEqual([{ path: "", message: expect.stringMatching(/^not JSON: /) }]);
    expect(error.cause).toBeInstanceOf(SyntaxError);
  });

  test("does not repeat what it was given", () => {
    const secret = "s3cret".repeat(1_000);
    const { message } = failure(() => parseJson(secret));
    expect(message.length).toBeLessThan(150);
    expect(message).not.toContain("s3cret".repeat(8));
  });
});

test.each([[undefined], [null], [5], [{}], [[1, 2]]])(
  "decodeJson refuses %j, which is neither text nor bytes",
  (value) => {
    const read: (json: never) => unknown = decodeJson;
    expect(failure(() => Reflect.apply(read, undefined, [value])).message).toContain(
      "expected bytes or text",
    );
  },
);
