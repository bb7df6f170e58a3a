import { describe, expect, test } from "vitest";
import { ForbiddenResponse, NotFoundResponse, ResponseException } from "../../src/index.ts";
import type { ResponsePayload } from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { ContractClient } from "./client-under-test.ts";
import { gains, serve, serveEcho } from "./devices.ts";
import { Logbook } from "./logbook.ts";
import type { Pair, PairOptions, Stage } from "./stage.ts";

const codeOf = ({ header }: ResponsePayload): number => header.response_code;

const withCode = (response: ResponsePayload, code: number): ResponsePayload => ({
  ...response,
  header: { ...response.header, response_code: code },
});

/** Handlers of responses, before the caller of `request()` gets them. */
export const responseHandlerCases = (stage: Stage): void => {
  const { MessageHandlerBase, ResponseHandlerBase } = stage.handlers;

  /** A pair whose device has no resource at all. */
  const poorPair = async (options?: PairOptions): Promise<Pair> => {
    const pair = await stage.pair(options);
    serve(stage, pair.device, () => ({ code: 404, body: "nothing here" }));
    return pair;
  };

  const echoPair = async (options?: PairOptions): Promise<Pair> => {
    const pair = await stage.pair(options);
    serveEcho(stage, pair.device);
    return pair;
  };

  const askFor = (requester: ContractClient, device: ContractClient): Promise<unknown> =>
    rejectionOf(() => requester.request(gains(device)));

  describe("a response handler that raises exceptions", () => {
    test("does so by default, before it sees an error code", async () => {
      const { requester, device } = await poorPair();
      const seen: number[] = [];
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (_client, _topic, response) => void seen.push(codeOf(response)),
        }),
      );
      expect(await askFor(requester, device)).toBeInstanceOf(NotFoundResponse);
      expect(seen).toEqual([]);
    });

    test("keeps the handlers after it from seeing an error code", async () => {
      const { requester, device } = await poorPair();
      const seen: number[] = [];
      const process = (_client: ContractClient, _topic: string, response: ResponsePayload): void =>
        void seen.push(codeOf(response));
      requester.addMessageHandler(new ResponseHandlerBase({ process: () => null }));
      requester.addMessageHandler(new ResponseHandlerBase({ process, raiseExceptions: false }));
      expect(await askFor(requester, device)).toBeInstanceOf(NotFoundResponse);
      expect(seen).toEqual([]);
    });

    test("raises even where it does not propagate", async () => {
      const { requester, device } = await poorPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({ process: () => null, propagate: false }),
      );
      expect(await askFor(requester, device)).toBeInstanceOf(NotFoundResponse);
    });

    test.each<unknown>([
      new TypeError("mine"),
      new ForbiddenResponse("mine"),
      "a text",
      7,
      { a: 1 },
    ])("passes what it throws to the caller: %s", async (thrown) => {
      const { requester, device } = await echoPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: () => {
            throw thrown;
          },
        }),
      );
      expect(await askFor(requester, device)).toBe(thrown);
    });

    test("passes on what another call of the client rejects with", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ code: header.path === "gains" ? 205 : 404 }));
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (client) => client.request({ ...gains(device), path: "missing" }),
        }),
      );
      expect(await askFor(requester, device)).toMatchObject({
        name: "NotFoundResponse",
        path: "missing",
      });
    });

    test("leaves the client able to go on", async () => {
      const { requester, device } = await echoPair();
      const handler = new ResponseHandlerBase({
        process: () => {
          throw new Error("mine");
        },
      });
      requester.addMessageHandler(handler);
      await askFor(requester, device);
      requester.removeMessageHandler(handler);
      expect((await requester.request({ ...gains(device), body: 1 })).body).toBe(1);
      expect(requester.statistics.requestsInFlight).toBe(0);
    });
  });

  describe("a response handler that raises no exceptions", () => {
    const raiseExceptions = false;

    test("sees error codes, which reject the request at the end of the chain", async () => {
      const { requester, device } = await poorPair();
      const seen: number[] = [];
      for (let count = 0; count < 2; count += 1) {
        requester.addMessageHandler(
          new ResponseHandlerBase({
            process: (_client, _topic, response) => void seen.push(codeOf(response)),
            raiseExceptions,
          }),
        );
      }
      expect(await askFor(requester, device)).toBeInstanceOf(NotFoundResponse);
      expect(seen).toEqual([404, 404]);
    });

    test("has what it throws logged and counted, and the chain goes on", async () => {
      const logger = new Logbook();
      const { requester, device } = await echoPair({ requester: { logger } });
      const fault = new Error("mine");
      const seen: number[] = [];
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: () => {
            throw fault;
          },
          raiseExceptions,
        }),
      );
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (_client, _topic, response) => void seen.push(codeOf(response)),
        }),
      );
      const response = await requester.request({ ...gains(device), body: 1 });
      expect(response.body).toBe(1);
      expect(seen).toEqual([205]);
      expect(logger.errors).toEqual([fault]);
      expect(requester.statistics.handlerErrors).toBe(1);
    });

    test("does not hide an error code by throwing, though it would not propagate", async () => {
      const { requester, device } = await poorPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: () => {
            throw new Error("mine");
          },
          raiseExceptions,
          propagate: false,
        }),
      );
      expect(await askFor(requester, device)).toBeInstanceOf(NotFoundResponse);
    });

    test("and does not propagate lets the caller have a response with an error code", async () => {
      const { requester, device } = await poorPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({ process: () => null, raiseExceptions, propagate: false }),
      );
      const response = await requester.request(gains(device));
      expect([codeOf(response), response.body]).toEqual([404, "nothing here"]);
    });

    test("may turn an error code into a success", async () => {
      const { requester, device } = await poorPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (_client, _topic, response) => ({ ...withCode(response, 205), body: [] }),
          raiseExceptions,
        }),
      );
      const seen: number[] = [];
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (_client, _topic, response) => void seen.push(codeOf(response)),
        }),
      );
      const response = await requester.request(gains(device));
      expect([codeOf(response), response.body, seen]).toEqual([205, [], [205]]);
    });

    test("may change an error code in place into a success", async () => {
      const { requester, device } = await poorPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (_client, _topic, response) => {
            response.header.response_code = 205;
          },
          raiseExceptions,
        }),
      );
      expect(codeOf(await requester.request(gains(device)))).toBe(205);
    });
  });

  describe("a response handler of any kind", () => {
    test("may turn a success into an error code, which rejects the request", async () => {
      const { requester, device } = await echoPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (_client, _topic, response) => ({ ...withCode(response, 403), body: "no" }),
        }),
      );
      const error = await askFor(requester, device);
      expect(error).toBeInstanceOf(ForbiddenResponse);
      expect(error).toMatchObject({ detail: "no", target: device.identifier, path: "gains" });
    });

    test("may raise an exception with fields of its own", async () => {
      const { requester, device } = await echoPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (_client, _topic, { header }) => {
            throw new NotFoundResponse("resource missing", { path: header.path });
          },
          propagate: false,
        }),
      );
      const error = await askFor(requester, device);
      expect(error).toBeInstanceOf(ResponseException);
      expect(error).toMatchObject({ responseCode: 404, detail: "resource missing", path: "gains" });
    });

    test("of the base class sees error codes before the default handler raises them", async () => {
      const { requester, device } = await poorPair();
      const seen: unknown[] = [];
      requester.addMessageHandler(
        new MessageHandlerBase({
          canHandle: (_client, topic) => topic.includes("/response/"),
          process: (_client, _topic, { body }) => void seen.push(body),
        }),
      );
      expect(await askFor(requester, device)).toBeInstanceOf(NotFoundResponse);
      expect(seen).toEqual(["nothing here"]);
    });

    test("of the base class raises them itself when told to", async () => {
      const { requester, device } = await poorPair();
      const seen: unknown[] = [];
      requester.addMessageHandler(
        new MessageHandlerBase({
          canHandle: (_client, topic) => topic.includes("/response/"),
          process: (_client, _topic, { body }) => void seen.push(body),
          raiseExceptions: true,
        }),
      );
      expect(await askFor(requester, device)).toBeInstanceOf(NotFoundResponse);
      expect(seen).toEqual([]);
    });

    test("whose canHandle throws counts as one that throws", async () => {
      const { requester, device } = await echoPair();
      const fault = new Error("mine");
      requester.addMessageHandler(
        new MessageHandlerBase({
          canHandle: () => {
            throw fault;
          },
          process: () => null,
          raiseExceptions: true,
        }),
      );
      expect(await askFor(requester, device)).toBe(fault);
    });
  });
};
