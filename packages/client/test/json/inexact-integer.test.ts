import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findInexactInteger } from "../../src/json/decode.ts";

describe("findInexactInteger", () => {
  test.each([
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ['{"body":[1,9223372036854775807]}', "9223372036854775807"],
    ['{"a":9007199254740993,"b":9007199254740995}', "9007199254740993"],
    ["9".repeat(400), "9".repeat(400)],
    ['{"9007199254740993":1,"b":18446744073709551615}', "18446744073709551615"],
    [String.raw`["\\",9007199254740993]`, "9007199254740993"],
  ])("finds it in %s", (text, literal) => {
    expect(findInexactInteger(text)).toBe(literal);
  });

  test.each([
    [""],
    ["null"],
    ["9007199254740991"],
    ["9007199254740992"],
    ["9223372036854775808"],
    ["10000000000000000000000"],
    ["0.12345678901234567890"],
    ["12345678901234567890.5"],
    ["12345678901234567891e3"],
    ["12345678901234567891E+3"],
    ['"9007199254740993"'],
    ['{"9007199254740993":1}'],
    [String.raw`"a\"9007199254740993"`],
    [String.raw`"9007199254740993\\"`],
    ['{"timestamp":1745534869619}'],
    ['"never closed 9007199254740993'],
  ])("finds none in %s", (text) => {
    expect(findInexactInteger(text)).toBeUndefined();
  });

  test("finds exactly the integers that a number does not hold, whatever the strings around them", () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.dictionary(fc.string(), fc.string({ unit: "binary-ascii" })),
        (integer, strings) => {
          const text = `[${JSON.stringify(strings)},${integer},${JSON.stringify(strings)}]`;
          const held = BigInt(Number(integer)) === integer;
          expect(findInexactInteger(text)).toBe(held ? undefined : String(integer));
        },
      ),
    );
  });
});
