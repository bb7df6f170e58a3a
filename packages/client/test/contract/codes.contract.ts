import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";
import { ResponseCode, ResponseException } from "../../src/index.ts";
import type { RequestPayload } from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { ContractClient } from "./client-under-test.ts";
import { gains, responseTo, responseTopicOf, serve } from "./devices.ts";
import type { Answer } from "./devices.ts";
import type { Stage } from "./stage.ts";

const SUCCESSES = [201, 202, 203, 204, 205] as const;
const ERRORS = [
  [400, library.BadRequestResponse],
  [401, library.UnauthorizedResponse],
  [402, library.BadOptionResponse],
  [403, library.ForbiddenResponse],
  [404, library.NotFoundResponse],
  [405, library.MethodNotAllowedResponse],
  [406, library.NotAcceptableResponse],
  [412, library.PreconditionFailedResponse],
  [413, library.RequestEntityTooLargeResponse],
  [415, library.UnsupportedContentFormatResponse],
  [500, library.InternalServerErrorResponse],
  [501, library.NotImplementedResponse],
  [502, library.BadGatewayResponse],
  [503, library.ServiceUnavailableResponse],
  [504, library.GatewayTimeoutResponse],
  [505, library.ProxyingNotSupportedResponse],
] as const;
const UNKNOWN_SUCCESSES = [200, 206, 299];
const UNKNOWN_ERRORS = [429, 499, 600, 300, 199, 100, 0, -1, 1e9];

/** Serves requests by peers that know codes which the library does not send. */
const serveRaw = async (
  stage: Stage,
  device: ContractClient,
  respond: (request: RequestPayload) => Answer,
): Promise<void> => {
  const peer = await stage.peer();
  device.addMessageHandler(
    new stage.handlers.RequestHandlerBase({
      process: (_client, topic, request) => {
        const payload = JSON.stringify(responseTo(request, respond(request)));
        peer.send({ topic: responseTopicOf(topic), payload });
      },
    }),
  );
};

/** The exception of a request that is answered with an error. */
const exceptionOf = async (
  requester: ContractClient,
  device: ContractClient,
): Promise<ResponseException> => {
  const error = await rejectionOf(() => requester.request(gains(device)));
  if (error instanceof ResponseException) return error;
  throw new Error("expected a ResponseException", { cause: error });
};

/** Response codes: those of the protocol and those that nobody knows. */
export const codeCases = (stage: Stage): void => {
  test("the codes below are all there are", () => {
    const codes = [...SUCCESSES, ...ERRORS.map(([code]) => code)];
    expect(new Set<number>(codes)).toEqual(new Set(Object.values(ResponseCode)));
  });

  describe("a response with a success code", () => {
    test.each(SUCCESSES)("%j resolves the request", async (code) => {
      const { requester, device } = await stage.pair();
      serve(stage, device, () => ({ code, body: [0, 1] }));
      const { header, body } = await requester.request(gains(device));
      expect([header.response_code, body]).toEqual([code, [0, 1]]);
    });

    test.each(UNKNOWN_SUCCESSES)("%j, which nobody knows, resolves it too", async (code) => {
      const { requester, device } = await stage.pair();
      await serveRaw(stage, device, () => ({ code, body: "odd" }));
      const { header, body } = await requester.request(gains(device));
      expect([header.response_code, body]).toEqual([code, "odd"]);
    });
  });

  describe("a response with an error code", () => {
    test.each(ERRORS)(
      "%j rejects with its own class and all there is to know",
      async (code, errorClass) => {
        const { requester, device } = await stage.pair();
        let requestId: unknown;
        serve(stage, device, ({ header }) => {
          requestId = header.request_id;
          return { code, body: { reason: "so it is" }, header: { hint: 7 } };
        });
        const error = await exceptionOf(requester, device);
        expect(error.constructor).toBe(errorClass);
        expect(error.name).toBe(errorClass.name);
        const { responseCode, path, detail, source, target, method, response } = error;
        expect({ responseCode, path, detail, source, target, method }).toEqual({
          responseCode: code,
          path: "gains",
          detail: { reason: "so it is" },
          source: requester.identifier,
          target: device.identifier,
          method: "GET",
        });
        expect(error.requestId).toBe(requestId);
        expect(response?.header).toMatchObject({ response_code: code, hint: 7 });
      },
    );

    test("says in its message which device answered what to which request", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, () => ({ code: 404, body: "no such thing" }));
      const { message } = await exceptionOf(requester, device);
      for (const word of ["404", "NOT_FOUND", device.identifier, "GET gains", "no such thing"]) {
        expect(message).toContain(word);
      }
    });

    test.each(UNKNOWN_ERRORS)("%j, which nobody knows, rejects plainly", async (code) => {
      const { requester, device } = await stage.pair();
      await serveRaw(stage, device, () => ({ code, body: "odd" }));
      const error = await exceptionOf(requester, device);
      expect(error.constructor).toBe(ResponseException);
      expect([error.responseCode, error.detail]).toEqual([code, "odd"]);
    });
  });

  describe("the detail of an error", () => {
    const detailOf = async (given: Answer): Promise<unknown> => {
      const { requester, device } = await stage.pair();
      serve(stage, device, () => ({ code: 400, ...given }));
      return (await exceptionOf(requester, device)).detail;
    };

    test.each([false, 0, "", "text", [1], { a: 1 }])("is the body: %j", async (body) => {
      expect(await detailOf({ body, header: { location: "a", error_message: "b" } })).toEqual(body);
    });

    test("is the location where there is no body", async () => {
      expect(await detailOf({ header: { location: "a", error_message: "b" } })).toBe("a");
    });

    test("is the error message where there is no location either", async () => {
      expect(await detailOf({ header: { error_message: "b" } })).toBe("b");
    });

    test("is nothing where there is none of them", async () => {
      expect((await detailOf({})) ?? null).toBeNull();
    });
  });
};
