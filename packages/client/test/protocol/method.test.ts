import { describe, expect, test } from "vitest";
import { MessageType } from "../../src/protocol/message-type.ts";
import { Method, parseMethod } from "../../src/protocol/method.ts";

describe("parseMethod", () => {
  test.each([
    ["GET", "GET"],
    ["POST", "POST"],
    ["PUT", "PUT"],
    ["DELETE", "DELETE"],
    ["get", "GET"],
    ["Put", "PUT"],
    ["dElEtE", "DELETE"],
    [1, "GET"],
    [2, "POST"],
    [3, "PUT"],
    [4, "DELETE"],
  ])("takes %j as %s", (value, method) => {
    expect(parseMethod(value)).toBe(method);
  });

  test.each([
    [0],
    [5],
    [-1],
    [1.5],
    [Number.NaN],
    [1n],
    ["1"],
    [""],
    ["PATCH"],
    [" GET"],
    ["GET\n"],
    ["po\u017ft"],
    ["__proto__"],
    ["constructor"],
    [true],
    [null],
    [undefined],
    [["GET"]],
    [{ toString: () => "GET" }],
  ])("does not take %o", (value) => {
    expect(parseMethod(value)).toBeUndefined();
  });

  test("takes every method by its name", () => {
    expect(Object.values(Method).map(parseMethod)).toEqual(["GET", "POST", "PUT", "DELETE"]);
  });
});

test("the message types are the third segments of topics", () => {
  expect(MessageType).toEqual({
    REQUEST: "request",
    RESPONSE: "response",
    EVENT: "event",
    SYSTEM: "system",
  });
});
