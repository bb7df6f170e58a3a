import { describe, expect, test } from "vitest";
import {
  ResponseCode,
  isResponseCode,
  isSuccess,
  responseCodeName,
} from "../../src/errors/response-code.ts";

const TABLE = [
  ["CREATED", 201],
  ["DELETED", 202],
  ["VALID", 203],
  ["CHANGED", 204],
  ["CONTENT", 205],
  ["BAD_REQUEST", 400],
  ["UNAUTHORIZED", 401],
  ["BAD_OPTION", 402],
  ["FORBIDDEN", 403],
  ["NOT_FOUND", 404],
  ["METHOD_NOT_ALLOWED", 405],
  ["NOT_ACCEPTABLE", 406],
  ["PRECONDITION_FAILED", 412],
  ["REQUEST_ENTITY_TOO_LARGE", 413],
  ["UNSUPPORTED_CONTENT_FORMAT", 415],
  ["INTERNAL_SERVER_ERROR", 500],
  ["NOT_IMPLEMENTED", 501],
  ["BAD_GATEWAY", 502],
  ["SERVICE_UNAVAILABLE", 503],
  ["GATEWAY_TIMEOUT", 504],
  ["PROXYING_NOT_SUPPORTED", 505],
] as const;

describe("response codes", () => {
  test("are the 21 of the protocol", () => {
    expect(Object.entries(ResponseCode)).toEqual(TABLE.map(([name, code]) => [name, code]));
  });

  test.each(TABLE)("%s is %i, both ways", (name, code) => {
    expect(ResponseCode[name]).toBe(code);
    expect(responseCodeName(code)).toBe(name);
    expect(isResponseCode(code)).toBe(true);
  });

  test.each([
    200,
    299,
    408,
    429,
    600,
    0,
    -205,
    205.5,
    Number.NaN,
    "205",
    205n,
    true,
    null,
    undefined,
  ])("%s is none", (value) => {
    expect(isResponseCode(value)).toBe(false);
  });

  test("an unknown code has no name", () => {
    expect(responseCodeName(299)).toBeUndefined();
  });

  test.each([
    [199, false],
    [200, true],
    [205, true],
    [299, true],
    [300, false],
    [404, false],
    [504, false],
  ])("whether %i is success: %s", (code, success) => {
    expect(isSuccess(code)).toBe(success);
  });
});
