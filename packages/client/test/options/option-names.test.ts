import { describe, expect, test } from "vitest";
import {
  PUBLISH_OPTION_NAMES,
  REQUEST_OPTION_NAMES,
  SUBSCRIBE_OPTION_NAMES,
  WAIT_OPTION_NAMES,
} from "../../src/client/options/call-options.ts";
import { OptionError, UnknownOptionError } from "../../src/errors/input-errors.ts";
import { refuseUnknownOptions } from "../../src/options/checks.ts";

const KNOWN = new Set(["timeoutMs", "qos"]);

const refusalOf = (given: unknown, known: ReadonlySet<string> = KNOWN): unknown => {
  try {
    refuseUnknownOptions(given, known, "publish()");
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
};

describe("refuseUnknownOptions", () => {
  test.each([{}, { qos: 1 }, { qos: 1, timeoutMs: 5 }, { qos: undefined }, Object.create(null)])(
    "takes options that all exist: %j",
    (options) => {
      expect(() => refuseUnknownOptions(options, KNOWN, "publish()")).not.toThrow();
    },
  );

  test.each([undefined, null, 5, "qos", true, [], ["qos"], () => {}])(
    "refuses what holds no options, and shows only its kind: %s",
    (given) => {
      const refusal = refusalOf(given);
      expect(refusal).toBeInstanceOf(OptionError);
      expect(refusal).toMatchObject({ option: "(options of publish())", expected: "an object" });
    },
  );

  test("refuses an option that does not exist, and does not keep its value", () => {
    const refusal = refusalOf({ passwd: "hunter2" });
    expect(refusal).toBeInstanceOf(UnknownOptionError);
    expect(refusal).toMatchObject({
      option: "passwd",
      value: undefined,
      message: 'there is no option "passwd"; expected one of timeoutMs, qos',
    });
  });

  test("refuses one that an object inherits, as of a class of options", () => {
    expect(refusalOf(Object.create({ retain: true }))).toMatchObject({ option: "retain" });
  });

  test.each(["constructor", "__proto__", "toString"])("knows no %s", (option) => {
    const given: unknown = JSON.parse(`{ "${option}": 1 }`);
    expect(refusalOf(given)).toMatchObject({ option });
  });
});

describe("an option of the Python library in a call", () => {
  test.each([
    ["target_device_tag", "targetDeviceTag", REQUEST_OPTION_NAMES],
    ["value", "body", REQUEST_OPTION_NAMES],
    ["timeout", "timeoutMs", REQUEST_OPTION_NAMES],
    ["correlation_id", "correlationId", REQUEST_OPTION_NAMES],
    ["timeout", "timeoutMs", PUBLISH_OPTION_NAMES],
    ["QoS", "qos", SUBSCRIBE_OPTION_NAMES],
    ["timeout_ms", "timeoutMs", WAIT_OPTION_NAMES],
  ])("gets the one used here: %s is %s", (option, suggestion, known) => {
    expect(refusalOf({ [option]: 5 }, known)).toMatchObject({ expected: `"${suggestion}"` });
  });

  test("is not suggested where the call has no such option", () => {
    expect(refusalOf({ value: 5 }, WAIT_OPTION_NAMES)).toMatchObject({
      expected: "one of timeoutMs, signal",
    });
  });
});
