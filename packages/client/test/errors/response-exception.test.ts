import { describe, expect, test } from "vitest";
import { GfMqttError } from "../../src/errors/gf-mqtt-error.ts";
import { NotFoundResponse } from "../../src/errors/error-responses.ts";
import { ResponseException } from "../../src/errors/response-exception.ts";
import { GatewayTimeoutResponse } from "../../src/errors/error-responses.ts";

describe("ResponseException", () => {
  test("says in one line what was answered, by whom, to what and why", () => {
    const error = new NotFoundResponse("no such resource", {
      source: "2D_XX_0_9998",
      target: "2D_XX_0_9999",
      method: "GET",
      path: "gains",
    });
    expect(error.message).toBe('404 NOT_FOUND from 2D_XX_0_9999 for GET gains: "no such resource"');
  });

  test.each([
    [new NotFoundResponse(), "404 NOT_FOUND"],
    [new NotFoundResponse(null, { path: "gains" }), "404 NOT_FOUND for gains"],
    [new NotFoundResponse(0), "404 NOT_FOUND: 0"],
    [new NotFoundResponse({ a: 1 }, { source: "broker" }), '404 NOT_FOUND from broker: {"a":1}'],
    [new ResponseException("x", { responseCode: 499 }), '499: "x"'],
    [new ResponseException("x"), '500 INTERNAL_SERVER_ERROR: "x"'],
    [new GatewayTimeoutResponse("late", { message: "as given" }), "as given"],
  ])("leaves out what it does not know: %s", (error, message) => {
    expect(error.message).toBe(message);
  });

  test("cuts a long detail", () => {
    const { message } = new ResponseException("x".repeat(100_000));
    expect(message.length).toBeLessThan(250);
    expect(message).toMatch(/…$/);
  });

  test("lets no line break or escape sequence of a peer into its message", () => {
    const error = new NotFoundResponse(undefined, { path: "a\nb\u001b[2Jc", target: "t\r\n" });
    expect(error.message).toBe("404 NOT_FOUND from t  for a b [2Jc");
  });

  test("takes any detail", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const detail of [cycle, 1n, Symbol("s"), { toJSON: () => cycle }, () => 1]) {
      expect(new ResponseException(detail).detail).toBe(detail);
    }
  });

  test("keeps its fields and cause", () => {
    const cause = new Error("below");
    const response = {
      header: { response_code: 404, path: "gains", request_id: "1" },
      body: null,
      timestamp: 0,
    };
    const fields = {
      path: "gains",
      source: "a",
      target: "b",
      requestId: "1",
      method: "GET",
      response,
    };
    const error = new NotFoundResponse("no", { ...fields, cause });
    expect(error).toMatchObject({ ...fields, responseCode: 404, detail: "no" });
    expect(error.response).toBe(response);
    expect(error.cause).toBe(cause);
  });

  test("an explicit code goes before that of the class", () => {
    expect(new NotFoundResponse("gone", { responseCode: 410 }).responseCode).toBe(410);
  });

  test("can be subclassed, the code of the answer included", () => {
    class SensorFault extends ResponseException {
      static override readonly defaultCode: number = 503;
    }
    const error = new SensorFault("cold");
    expect(error).toBeInstanceOf(ResponseException);
    expect(error).toBeInstanceOf(GfMqttError);
    expect(error).toMatchObject({ responseCode: 503, code: "RESPONSE_ERROR" });
    expect(error.message).toBe('503 SERVICE_UNAVAILABLE: "cold"');
  });
});
