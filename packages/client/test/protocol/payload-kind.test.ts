import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArriving } from "../../src/protocol/payload-kind.ts";
import { validationCases } from "./vectors.ts";

const arrive = (value: unknown): ReturnType<typeof readArriving> =>
  readArriving(JSON.parse(JSON.stringify(value)));

const request = { method: "GET", path: "gains", request_id: "1" };
const response = { response_code: 205, request_id: "1" };

describe("a request that arrives", () => {
  test.each([
    ["GET", "GET"],
    ["put", "PUT"],
    [2, "POST"],
    [4, "DELETE"],
  ])("with the method %j has %s in place", (method, name) => {
    const payload = { header: { ...request, method, timing: 1 }, body: [1], extra: true };
    const arriving = readArriving(payload);
    expect(arriving).toEqual({
      kind: "request",
      payload: { ...payload, header: { ...payload.header, method: name } },
    });
    expect(arriving.kind === "request" && arriving.payload).toBe(payload);
  });

  test.each([
    ["an id of any form", { request_id: "abc 123" }],
    ["a batch id of any form", { correlation_id: 5 }],
    ["a source of any type", { source: [] }],
    ["a response code besides", { response_code: "205" }],
    ["an empty path", { path: "" }],
  ])("may have %s", (_, fields) => {
    expect(arrive({ header: { ...request, ...fields } }).kind).toBe("request");
  });

  test.each([[null], [0], ["FETCH"], ["1"], [true], [[]], [{}]])(
    "with the method %j is to be answered 405",
    (method) => {
      const payload = { header: { ...request, method }, body: 1, timestamp: 0 };
      expect(arrive(payload)).toEqual({
        kind: "invalid-request",
        header: payload.header,
        code: 405,
        issues: [
          { path: "header.method", message: expect.stringContaining(JSON.stringify(method)) },
        ],
      });
    },
  );

  test.each([[null], [5], [undefined], [["gains"]]])(
    "with the path %j is to be answered 400",
    (path) => {
      expect(arrive({ header: { ...request, path } })).toMatchObject({
        kind: "invalid-request",
        code: 400,
        issues: [{ path: "header.path" }],
      });
    },
  );

  test("with neither a method nor a path that can be used is to be answered 405", () => {
    expect(arrive({ header: { method: 0, request_id: "1" } })).toMatchObject({
      kind: "invalid-request",
      code: 405,
      issues: [{ path: "header.method" }, { path: "header.path" }],
    });
  });

  test("with an id beyond 128 characters is none: peers choose it, and it is remembered", () => {
    const request_id = "x".repeat(128);
    expect(arrive({ header: { ...request, request_id } }).kind).toBe("request");
    expect(arrive({ header: { ...request, request_id: `${request_id}x` } })).toEqual({
      kind: "invalid",
      issues: [{ path: "header.request_id", message: "expected at most 128 characters, got 129" }],
    });
  });

  test.each([[undefined], [null], [""], [5], [{}]])(
    "with the id %j cannot be answered",
    (request_id) => {
      expect(arrive({ header: { ...request, request_id } })).toMatchObject({
        kind: "invalid",
        issues: [{ path: "header.request_id" }],
      });
    },
  );
});

describe("a response that arrives", () => {
  test.each([
    ["nothing but code and id", {}],
    ["an unknown code", { response_code: 299 }],
    ["a negative code", { response_code: -1 }],
    ["an id of any form", { request_id: "abc 123" }],
    ["a path of any type", { path: 5 }],
    ["further fields", { location: "x", timing: [1] }],
  ])("may have %s", (_, fields) => {
    const payload = { header: { ...response, ...fields } };
    expect(arrive(payload)).toEqual({ kind: "response", payload });
  });

  test("is the object itself, left as it came", () => {
    const payload = { header: { ...response, response_code: 205.0 }, timestamp: "17" };
    const arriving = readArriving(payload);
    expect(arriving.kind === "response" && arriving.payload).toBe(payload);
    expect(payload).toEqual({ header: response, timestamp: "17" });
  });

  test.each([["205"], [205.5], [true], [null], [[]]])("with the code %j is dropped", (code) => {
    expect(arrive({ header: { ...response, response_code: code } })).toMatchObject({
      kind: "invalid",
      issues: [{ path: "header.response_code" }],
    });
  });

  test.each([[undefined], [null], [""], [5]])("with the id %j is dropped", (request_id) => {
    expect(arrive({ header: { ...response, request_id } })).toMatchObject({
      kind: "invalid",
      issues: [{ path: "header.request_id" }],
    });
  });
});

describe("a message that arrives", () => {
  test.each([[{}], [{ body: 1 }], [{ header: {} }], [{ header: { path: "x" }, timestamp: [] }]])(
    "as %j is a general payload",
    (payload) => {
      expect(arrive(payload)).toEqual({ kind: "general", payload });
    },
  );

  test.each([[null], [[]], [[{ body: 1 }]], ["x"], [5], [true]])("as %j is invalid", (payload) => {
    expect(arrive(payload)).toMatchObject({ kind: "invalid", issues: [{ path: "" }] });
  });

  test.each([[null], [[]], ["method"], [5]])("with the header %j is invalid", (header) => {
    expect(arrive({ header, body: 1 })).toMatchObject({
      kind: "invalid",
      issues: [{ path: "header" }],
    });
  });

  test("keeps its __proto__ keys and is not judged by them", () => {
    const text =
      '{"__proto__":{"x":1},"header":{"__proto__":{"method":"GET"},"response_code":205,"request_id":"1"},"body":{"__proto__":1}}';
    const arriving = readArriving(JSON.parse(text));
    expect(arriving.kind).toBe("response");
    expect(arriving.kind === "response" && JSON.stringify(arriving.payload)).toBe(text);
  });

  test.each(validationCases.filter(({ expected }) => expected !== "reject"))(
    "that follows the strict rules, '$name', is read as $expected",
    ({ payload, expected }) => {
      expect(arrive(payload).kind).toBe(expected);
    },
  );

  test("never throws, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              header: fc.oneof(
                fc.jsonValue(),
                fc.record(
                  {
                    method: fc.jsonValue({ maxDepth: 1 }),
                    response_code: fc.jsonValue({ maxDepth: 1 }),
                    request_id: fc.jsonValue({ maxDepth: 1 }),
                    path: fc.jsonValue({ maxDepth: 1 }),
                  },
                  { requiredKeys: [] },
                ),
              ),
              body: fc.jsonValue({ maxDepth: 1 }),
            },
            { requiredKeys: [] },
          ),
        ),
        (value) => {
          expect(["request", "response", "general", "invalid-request", "invalid"]).toContain(
            readArriving(value).kind,
          );
        },
      ),
    );
  });
});
