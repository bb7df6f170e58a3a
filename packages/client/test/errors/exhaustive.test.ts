import { expect, expectTypeOf, test } from "vitest";
import type { AnyGfMqttError, GfMqttErrorCode } from "../../src/index.ts";
import { MQTTClient } from "../../src/index.ts";

/** What a program does that handles each of a few errors by itself. */
const adviceOf = (error: AnyGfMqttError): string => {
  switch (error.code) {
    case "NOT_CONNECTED":
      return "connect first";
    case "INVALID_OPTION":
    case "UNKNOWN_OPTION":
      return error.option;
    default:
      return error.message;
  }
};

test("a switch over codes knows the fields of each error", () => {
  let error: unknown;
  try {
    error = new MQTTClient({ broker: "localhost", qos: 1 } as { broker: string });
  } catch (thrown) {
    error = thrown;
  }
  // What the constructor throws is one of them.
  expect(adviceOf(error as AnyGfMqttError)).toBe("qos");
});

test("every code is that of an error, and every error has one of the codes", () => {
  expectTypeOf<AnyGfMqttError["code"]>().toEqualTypeOf<GfMqttErrorCode>();
  type Handled = Exclude<GfMqttErrorCode, "NOT_CONNECTED">;
  // What a switch leaves that forgets a code: its last branch, which takes a never, does not compile.
  expectTypeOf<Exclude<GfMqttErrorCode, Handled>>().toEqualTypeOf<"NOT_CONNECTED">();
  expectTypeOf<Exclude<GfMqttErrorCode, GfMqttErrorCode>>().toEqualTypeOf<never>();
});
