import { describe, expect, test } from "vitest";
import * as errorResponses from "../../src/errors/error-responses.ts";
import { GfMqttError } from "../../src/errors/gf-mqtt-error.ts";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";
import { ResponseCode } from "../../src/errors/response-code.ts";
import { responseExceptionFrom } from "../../src/protocol/response-error.ts";
import { ResponseException } from "../../src/errors/response-exception.ts";

const CLASSES = [
  ["BAD_REQUEST", errorResponses.BadRequestResponse, "BadRequestResponse"],
  ["UNAUTHORIZED", errorResponses.UnauthorizedResponse, "UnauthorizedResponse"],
  ["BAD_OPTION", errorResponses.BadOptionResponse, "BadOptionResponse"],
  ["FORBIDDEN", errorResponses.ForbiddenResponse, "ForbiddenResponse"],
  ["NOT_FOUND", errorResponses.NotFoundResponse, "NotFoundResponse"],
  ["METHOD_NOT_ALLOWED", errorResponses.MethodNotAllowedResponse, "MethodNotAllowedResponse"],
  ["NOT_ACCEPTABLE", errorResponses.NotAcceptableResponse, "NotAcceptableResponse"],
  ["PRECONDITION_FAILED", errorResponses.PreconditionFailedResponse, "PreconditionFailedResponse"],
  [
    "REQUEST_ENTITY_TOO_LARGE",
    errorResponses.RequestEntityTooLargeResponse,
    "RequestEntityTooLargeResponse",
  ],
  [
    "UNSUPPORTED_CONTENT_FORMAT",
    errorResponses.UnsupportedContentFormatResponse,
    "UnsupportedContentFormatResponse",
  ],
  [
    "INTERNAL_SERVER_ERROR",
    errorResponses.InternalServerErrorResponse,
    "InternalServerErrorResponse",
  ],
  ["NOT_IMPLEMENTED", errorResponses.NotImplementedResponse, "NotImplementedResponse"],
  ["BAD_GATEWAY", errorResponses.BadGatewayResponse, "BadGatewayResponse"],
  ["SERVICE_UNAVAILABLE", errorResponses.ServiceUnavailableResponse, "ServiceUnavailableResponse"],
  ["GATEWAY_TIMEOUT", errorResponses.GatewayTimeoutResponse, "GatewayTimeoutResponse"],
  [
    "PROXYING_NOT_SUPPORTED",
    errorResponses.ProxyingNotSupportedResponse,
    "ProxyingNotSupportedResponse",
  ],
] as const;

const answer = (code: number, rest: Partial<ResponsePayload> = {}): ResponsePayload => ({
  header: { response_code: code, path: "gains", request_id: "1", source: "2D_XX_0_9999" },
  body: null,
  timestamp: 0,
  ...rest,
});

describe("responseExceptionFrom", () => {
  test("knows a class for each of the 16 error codes", () => {
    expect(CLASSES.map(([code]) => ResponseCode[code])).toEqual(
      Object.values(ResponseCode).filter((code) => code >= 400),
    );
  });

  test.each(CLASSES)("answers %s with its class", (code, errorClass, name) => {
    const response = answer(ResponseCode[code]);
    const error = responseExceptionFrom(response);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toBeInstanceOf(ResponseException);
    expect(error).toBeInstanceOf(GfMqttError);
    expect(error.constructor).toBe(errorClass);
    expect(error).toMatchObject({ name, code, responseCode: ResponseCode[code], response });
    expect(errorClass.defaultCode).toBe(ResponseCode[code]);
    expect(new errorClass().responseCode).toBe(ResponseCode[code]);
  });

  test.each([499, 418, 600, 0, -1, 300])("answers the unknown code %i with the base", (code) => {
    const error = responseExceptionFrom(answer(code));
    expect(error.constructor).toBe(ResponseException);
    expect(error).toMatchObject({ responseCode: code, code: "RESPONSE_ERROR" });
  });

  test("takes path, id and source from the response, and the rest from the caller", () => {
    const context = { target: "2D_XX_0_9999", method: "GET" };
    expect(responseExceptionFrom(answer(404), context)).toMatchObject({
      ...context,
      path: "gains",
      requestId: "1",
      source: "2D_XX_0_9999",
    });
    expect(responseExceptionFrom(answer(404), { source: "me" }).source).toBe("me");
  });

  test.each([
    [{ body: "b", location: "l", error_message: "e" }, "b"],
    [{ body: null, location: "l", error_message: "e" }, "l"],
    [{ body: undefined, location: null, error_message: "e" }, "e"],
    [{ body: 0, location: "l", error_message: "e" }, 0],
    [{ body: "", location: "l", error_message: "e" }, ""],
    [{ body: false, location: "l", error_message: "e" }, false],
    [{ body: null, location: undefined, error_message: undefined }, undefined],
  ])(
    "takes its detail from the body, else the location, else the error message",
    (from, detail) => {
      const { body, ...fields } = from;
      const { header } = answer(404);
      const response = answer(404, { body, header: { ...header, ...fields } });
      expect(responseExceptionFrom(response).detail).toBe(detail);
    },
  );

  test("bears with header fields of the wrong type", () => {
    const header: object = { response_code: 404, request_id: "1", path: 5, source: [] };
    const response: ResponsePayload = { ...answer(404), ...JSON.parse(JSON.stringify({ header })) };
    expect(responseExceptionFrom(response)).toMatchObject({
      path: undefined,
      source: undefined,
      message: "404 NOT_FOUND",
    });
  });
});
