import { expectTypeOf, expect, describe, test } from "vitest";
import { isJsonObject } from "../../src/json/object.ts";
import {
  isRequestPayload,
  isResponsePayload,
  payloadKind,
} from "../../src/protocol/payload-kind.ts";
import type { GeneralPayload, Payload, RequestPayload } from "../../src/protocol/payload.ts";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";

describe("payloadKind", () => {
  test.each([
    [{ header: { method: "GET" } }, "request"],
    [{ header: { method: null } }, "request"],
    [{ header: { method: 9, response_code: 205 } }, "request"],
    [{ header: { response_code: 205 } }, "response"],
    [{ header: { response_code: null } }, "response"],
    [{ header: { method: undefined, response_code: 205 } }, "response"],
    [{ header: {} }, "general"],
    [{ header: undefined }, "general"],
    [{ body: 1 }, "general"],
    [{}, "general"],
  ])("of %j is %s", (payload, kind) => {
    expect(payloadKind(payload)).toBe(kind);
  });

  test.each([[null], [undefined], [[]], ["x"], [5], [true]])("of %j is none", (payload) => {
    expect(payloadKind(payload)).toBeUndefined();
  });

  test.each([[null], [[]], ["method"], [5], [false]])("with the header %j is none", (header) => {
    expect(payloadKind({ header })).toBeUndefined();
  });

  test("goes by what travels: neither inherited fields nor those of __proto__ count", () => {
    expect(payloadKind(Object.create({ header: { method: "GET" } }))).toBe("general");
    expect(payloadKind({ header: Object.create({ method: "GET" }) })).toBe("general");
    expect(payloadKind(JSON.parse('{"header":{"__proto__":{"method":"GET"}}}'))).toBe("general");
    expect(payloadKind(JSON.parse('{"__proto__":{"header":{"method":"GET"}}}'))).toBe("general");
  });
});

test("a payload tells by its header whether it is a request or a response", () => {
  const fields = { path: "gains", request_id: "1" };
  const payloads: readonly Payload[] = [
    { header: { ...fields, method: "GET" }, body: 1, timestamp: 0 },
    { header: { ...fields, response_code: 205 }, body: 1, timestamp: 0 },
    { body: 1, timestamp: 0 },
  ];
  expect(payloads.map(isRequestPayload)).toEqual([true, false, false]);
  expect(payloads.map(isResponsePayload)).toEqual([false, true, false]);
});

test("a JSON object is an object, but no array and not null", () => {
  expect([{}, Object.create(null), [], null, "x", undefined].map(isJsonObject)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

describe("the payload types", () => {
  test("let handlers read declared fields and add their own", () => {
    const touch = (payload: RequestPayload): void => {
      payload.header["timing"] = 1;
      payload["extra"] = true;
      expectTypeOf(payload.header.method).toEqualTypeOf<"GET" | "POST" | "PUT" | "DELETE">();
      expectTypeOf(payload.header.path).toEqualTypeOf<string>();
    };
    expectTypeOf(touch).parameter(0).toEqualTypeOf<RequestPayload>();
  });

  test("carry the type of the body", () => {
    expectTypeOf<ResponsePayload<number[]>["body"]>().toEqualTypeOf<number[]>();
    expectTypeOf<ResponsePayload<number[]>>().toExtend<ResponsePayload>();
    expectTypeOf<ResponsePayload["header"]["response_code"]>().toExtend<number>();
  });

  test("make up one union", () => {
    expectTypeOf<GeneralPayload | RequestPayload | ResponsePayload>().toEqualTypeOf<Payload>();
  });
});
