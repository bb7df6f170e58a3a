import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import { assertJson, encodeJson } from "../../src/json/encode.ts";

const everything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  stringUnit: "binary",
});

/** What has to arrive: fields that are undefined left out, -0 as 0, dates and bigints in JSON's form. */
const arriving = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value);
  if (Object.is(value, -0)) return 0;
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map(arriving);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([key, field]) => [key, arriving(field)]));
};

/** Like `toStrictEqual` for JSON values, and `__proto__` keys count. */
const sameJson = (left: unknown, right: unknown): boolean => {
  if (typeof left !== "object" || typeof right !== "object") return Object.is(left, right);
  if (left === null || right === null) return left === right;
  const keys = Object.keys(left);
  return (
    Array.isArray(left) === Array.isArray(right) &&
    keys.length === Object.keys(right).length &&
    keys.every(
      (key) =>
        Object.hasOwn(right, key) && sameJson(Reflect.get(left, key), Reflect.get(right, key)),
    )
  );
};

type Attempt = { readonly text: string | void } | { readonly error: unknown };

const attempt = (run: () => string | void): Attempt => {
  try {
    return { text: run() };
  } catch (error) {
    return { error };
  }
};

/** The value that arrived, or the error; nothing else may come of encoding. */
const outcomeOf = (value: unknown): { readonly arrived: unknown } | "refused" => {
  const tried = attempt(() => encodeJson(value, "body"));
  if ("text" in tried) return { arrived: JSON.parse(String(tried.text)) };
  if (tried.error instanceof PayloadValidationError) return "refused";
  throw tried.error;
};

const jsonValue = fc.jsonValue({ stringUnit: "grapheme" });
// Both halves of surrogate pairs, paired or not.
const anyText = fc
  .array(fc.constantFrom("\ud834", "\udd1e", "a", "é", "\\ud834"), { maxLength: 6 })
  .map((parts) => parts.join(""));

describe("whatever is encoded", () => {
  test("arrives as it was, or is refused with a PayloadValidationError", () => {
    const isFaithful = (value: unknown): boolean => {
      const outcome = outcomeOf(value);
      return outcome === "refused" || sameJson(outcome.arrived, arriving(value));
    };
    fc.assert(fc.property(everything, isFaithful), { numRuns: 2_000 });
  });

  test("is refused by the check exactly when it is refused by the encoder", () => {
    fc.assert(
      fc.property(everything, (value) => {
        const isRefused = outcomeOf(value) === "refused";
        expect("error" in attempt(() => assertJson(value, "body"))).toBe(isRefused);
      }),
      { numRuns: 1_000 },
    );
  });

  test("is written as JSON.stringify writes it, where that is safe", () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(encodeJson(value, "body")).toBe(JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });

  test("is written the same in both ways, with and without a copy", () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(encodeJson([value, 1n], "body")).toBe(JSON.stringify([value, 1]));
      }),
      { numRuns: 500 },
    );
  });

  test("is well-formed Unicode, names included", () => {
    fc.assert(
      fc.property(anyText, anyText, (key, text) => {
        const isWellFormed = !/\p{Surrogate}/u.test(`${key} ${text}`);
        const expected = isWellFormed ? { arrived: { [key]: text } } : "refused";
        expect(outcomeOf({ [key]: text })).toEqual(expected);
        expect(outcomeOf({ [key]: text, big: 1n }) === "refused").toBe(!isWellFormed);
      }),
      { numRuns: 500 },
    );
  });

  test("is not asked for its keys by way of its prototype", () => {
    const inherits: object = Object.create(
      { inherited: Number.NaN },
      { own: { value: 1, enumerable: true } },
    );
    expect(encodeJson(inherits, "body")).toBe('{"own":1}');
  });
});
