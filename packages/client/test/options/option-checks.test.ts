import { describe, expect, test } from "vitest";
import {
  DURATION_MS,
  booleanValue,
  codeValue,
  functionValue,
  signalValue,
  wholeNumber,
} from "../../src/options/checks.ts";
import { OptionError } from "../../src/errors/input-errors.ts";
import { ResponseCode } from "../../src/errors/response-code.ts";
import { qosValue } from "../../src/client/options/call-options.ts";

const refusalOf = (check: () => unknown): OptionError => {
  try {
    check();
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("wholeNumber", () => {
  test.each([1, 2, 10])("gives back %i, which is within the range", (value) => {
    expect(wholeNumber("count", value, { min: 1, max: 10 })).toBe(value);
  });

  test.each([0, 11, -1, 1.5, NaN, Infinity, -Infinity, "5", 5n, null, undefined, true, {}])(
    "refuses %s",
    (value) => {
      expect(refusalOf(() => wholeNumber("count", value, { min: 1, max: 10 }))).toMatchObject({
        option: "count",
        value,
        expected: "a whole number from 1 to 10",
      });
    },
  );

  test("says what is counted", () => {
    const refusal = refusalOf(() => wholeNumber("timeoutMs", -5, DURATION_MS));
    expect(refusal.message).toBe(
      'option "timeoutMs" is -5; expected a whole number of ms from 1 to 2147483647',
    );
  });

  test("takes Infinity where there is no maximum, and says so", () => {
    const range = { min: 0, max: Infinity, unit: "bytes" };
    expect(wholeNumber("size", Infinity, range)).toBe(Infinity);
    expect(refusalOf(() => wholeNumber("size", -1, range)).expected).toBe(
      "a whole number of bytes 0 or more",
    );
  });
});

describe("booleanValue", () => {
  test.each([true, false])("gives back %s", (value) => {
    expect(booleanValue("retain", value)).toBe(value);
  });

  test.each([0, 1, "true", null, undefined, {}])("refuses %s", (value) => {
    expect(refusalOf(() => booleanValue("retain", value))).toMatchObject({
      option: "retain",
      value,
      expected: "true or false",
    });
  });
});

describe("functionValue", () => {
  test("gives back a function", () => {
    const given = () => "id";
    expect(functionValue("createId", given)).toBe(given);
  });

  test.each(["id", null, undefined, {}])("refuses %s", (value) => {
    expect(
      refusalOf(() => Reflect.apply(functionValue, undefined, ["createId", value])),
    ).toMatchObject({ option: "createId", value, expected: "a function" });
  });
});

describe("qosValue", () => {
  test.each([0, 1, 2])("gives back %i", (value) => {
    expect(qosValue("qos", value)).toBe(value);
  });

  test.each([-1, 3, 0.5, "1", null, undefined, true, 1n])("refuses %s", (value) => {
    expect(refusalOf(() => qosValue("qos", value))).toMatchObject({
      option: "qos",
      value,
      expected: "0, 1 or 2",
    });
  });
});

describe("codeValue", () => {
  test.each(Object.entries(ResponseCode))("gives back %s", (_name, code) => {
    expect(codeValue("code", code)).toBe(code);
  });

  test.each([200, 299, 429, 600, "205", null, undefined])("refuses %s", (value) => {
    expect(refusalOf(() => codeValue("code", value))).toMatchObject({ option: "code", value });
  });
});

describe("signalValue", () => {
  test("gives back a signal, or none", () => {
    const { signal } = new AbortController();
    expect(signalValue(signal)).toBe(signal);
    expect(signalValue(undefined)).toBeUndefined();
  });

  test.each([null, {}, "abort", new AbortController(), { aborted: false }])(
    "refuses what only looks like one: %s",
    (value) => {
      expect(refusalOf(() => signalValue(value))).toMatchObject({
        option: "signal",
        value,
        expected: "an AbortSignal",
      });
    },
  );
});
