import { describe, expect, test, vi } from "vitest";
import type { Answer } from "../../src/client/answer.ts";
import type { IncomingRequestsOptions } from "../../src/client/incoming-requests.ts";
import { IncomingRequests } from "../../src/client/incoming-requests.ts";
import { startCounters } from "../../src/client/statistics.ts";
import { NotFoundResponse, ResponseException } from "../../src/index.ts";
import type { RequestPayload } from "../../src/protocol/payload.ts";
import type { IncomingMessage } from "../../src/transport/transport.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";

const TOPIC = "gf_int_v1/axuv/request/device/box";

const request = (id: string): RequestPayload => ({
  header: { method: "GET", path: "gains", request_id: id },
  body: null,
  timestamp: 0,
});

const message = (more: Partial<IncomingMessage> = {}): IncomingMessage => ({
  topic: TOPIC,
  payload: new Uint8Array(10),
  qos: 0,
  retain: false,
  duplicate: false,
  ...more,
});

/** A desk, what it handled and what it answered. A request is handled until the test lets it end. */
const scene = (options: Partial<IncomingRequestsOptions> = {}) => {
  const handled: string[] = [];
  const answers: Answer[] = [];
  const ends = new Map<string, (wanted: boolean) => void>();
  const failures = new Map<string, (error: unknown) => void>();
  const counters = startCounters();
  const { logger, entries } = recordingLogger();
  const unused = vi.fn<() => Promise<never>>();
  const desk = new IncomingRequests({
    runner: {
      hasIncoming: true,
      hasOutgoing: false,
      runRequest: (_topic, { header }) => {
        handled.push(header.request_id);
        return new Promise((resolve, reject) => {
          ends.set(header.request_id, resolve);
          failures.set(header.request_id, reject);
        });
      },
      runResponse: unused,
      runGeneral: unused,
      runOutgoing: unused,
    },
    answer: async (_request, answer) => void answers.push(answer),
    isOverlapping: () => false,
    counters,
    logger,
    maxConcurrentRequests: 2,
    maxQueuedRequests: 1,
    maxPayloadBytes: 100,
    ...options,
  });
  const end = async (id: string): Promise<void> => {
    ends.get(id)?.(true);
    await promisesSettled();
  };
  const fail = async (id: string, error: unknown): Promise<void> => {
    failures.get(id)?.(error);
    await promisesSettled();
  };
  return { desk, handled, answers, counters, end, fail, logged: entries };
};

describe("a request", () => {
  test("is handled as it arrives, a bounded number at once, the others in order", async () => {
    const { desk, handled, counters, end } = scene();
    for (const id of ["a", "b", "c"]) desk.serve(message(), request(id));
    expect(handled).toEqual(["a", "b"]);
    await end("a");
    expect(handled).toEqual(["a", "b", "c"]);
    expect(counters.requestsReceived).toBe(3);
  });

  test("beyond those that may wait is answered 503 at once", async () => {
    const { desk, handled, answers, counters } = scene();
    for (const id of ["a", "b", "c", "d"]) desk.serve(message(), request(id));
    expect(answers).toMatchObject([{ code: 503, header: { request_id: "d" } }]);
    expect(handled).toEqual(["a", "b"]);
    expect(counters).toMatchObject({ overloaded: 1, requestsReceived: 3 });
  });

  test("that was answered 503 may be asked again", async () => {
    const { desk, handled, end } = scene({ maxQueuedRequests: 0 });
    for (const id of ["a", "b", "c"]) desk.serve(message(), request(id));
    await end("a");
    desk.serve(message(), request("c"));
    expect(handled).toEqual(["a", "b", "c"]);
  });

  test("that is too large is answered 413, and no handler sees it", () => {
    const { desk, handled, answers, counters } = scene();
    desk.serve(message({ payload: new Uint8Array(101) }), request("a"));
    desk.serve(message({ payload: new Uint8Array(100) }), request("b"));
    expect(answers).toMatchObject([
      { code: 413, body: "the request has 101 bytes; at most 100 are taken" },
    ]);
    expect(handled).toEqual(["b"]);
    expect(counters).toMatchObject({ oversizedRequests: 1, requestsReceived: 1 });
  });

  test.each<readonly [string, unknown, Partial<Answer>]>([
    [
      "a response exception",
      new NotFoundResponse("no such gain"),
      { code: 404, body: "no such gain" },
    ],
    [
      "an exception of a code that the protocol lacks",
      new ResponseException("odd", { responseCode: 499 }),
      { code: 500, body: "internal server error" },
    ],
    ["an error", new Error("secret detail"), { code: 500, body: "internal server error" }],
    ["what is no error", "secret detail", { code: 500, body: "internal server error" }],
  ])("whose handler throws %s is answered for", async (_what, error, answer) => {
    const { desk, answers, fail } = scene();
    desk.serve(message(), request("a"));
    await fail("a", error);
    expect(answers).toMatchObject([{ ...answer, header: { request_id: "a" } }]);
  });

  test("whose handler fails makes room for the next", async () => {
    const { desk, handled, fail } = scene({ maxConcurrentRequests: 1 });
    for (const id of ["a", "b"]) desk.serve(message(), request(id));
    await fail("a", new Error("broken"));
    expect(handled).toEqual(["a", "b"]);
  });

  test("that waits when the client closes is never handled", async () => {
    const { desk, handled, end } = scene({ maxConcurrentRequests: 1 });
    for (const id of ["a", "b"]) desk.serve(message(), request(id));
    desk.clear();
    await end("a");
    expect(handled).toEqual(["a"]);
  });
});

describe("the same request again", () => {
  test("is dropped while it is handled, whatever its QoS", async () => {
    for (const qos of [0, 1, 2] as const) {
      const { desk, handled, counters } = scene();
      for (let copy = 0; copy < 3; copy += 1) desk.serve(message({ qos }), request("a"));
      expect(handled).toEqual(["a"]);
      expect(counters).toMatchObject({ duplicateRequests: 2, requestsReceived: 1 });
    }
  });

  test("is dropped later when the broker marks it as a redelivery", async () => {
    const { desk, handled, end } = scene();
    desk.serve(message({ qos: 1 }), request("a"));
    await end("a");
    desk.serve(message({ qos: 1, duplicate: true }), request("a"));
    expect(handled).toEqual(["a"]);
  });

  test("is handled later when it is not marked: the requester has asked again", async () => {
    const { desk, handled, end } = scene();
    desk.serve(message({ qos: 1 }), request("a"));
    await end("a");
    desk.serve(message({ qos: 1 }), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test("is handled when only its mark says that it came before", () => {
    const { desk, handled } = scene();
    desk.serve(message({ qos: 1, duplicate: true }), request("a"));
    expect(handled).toEqual(["a"]);
  });

  test("is handled when it came on another topic", () => {
    const { desk, handled } = scene();
    desk.serve(message(), request("a"));
    desk.serve(message({ topic: `${TOPIC}2` }), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test("is dropped later where several filters match, and the broker sends a copy for each", async () => {
    const { desk, handled, end } = scene({ isOverlapping: () => true });
    desk.serve(message(), request("a"));
    await end("a");
    desk.serve(message(), request("a"));
    expect(handled).toEqual(["a"]);
  });

  test("is forgotten in the end: memory has a bound", async () => {
    const { desk, handled, end } = scene({ maxQueuedRequests: 0 });
    for (let number = 0; number < 5_000; number += 1) {
      desk.serve(message({ qos: 1 }), request(String(number)));
      await end(String(number));
    }
    handled.length = 0;
    desk.serve(message({ qos: 1, duplicate: true }), request("0"));
    desk.serve(message({ qos: 1, duplicate: true }), request("4999"));
    expect(handled).toEqual(["0"]);
  });
});

describe("a request that makes no sense", () => {
  const invalid = {
    kind: "invalid-request" as const,
    payload: { header: { method: "PATCH", request_id: "a" } },
    requestId: "a",
    path: "",
    code: 405 as const,
    issues: [{ path: "header.method", message: "expected GET" }],
  };

  test("is answered with what is wrong", () => {
    const { desk, answers, counters } = scene();
    desk.refuse(message(), invalid);
    expect(answers).toMatchObject([{ code: 405, body: "header.method: expected GET" }]);
    expect(counters.invalidMessages).toBe(1);
  });

  test("is not answered by a client that serves no requests", () => {
    const unused = vi.fn<() => Promise<never>>();
    const { desk, answers, counters } = scene({
      runner: {
        hasIncoming: false,
        hasOutgoing: false,
        runRequest: unused,
        runResponse: unused,
        runGeneral: unused,
        runOutgoing: unused,
      },
    });
    desk.refuse(message(), invalid);
    expect(answers).toEqual([]);
    expect(counters.invalidMessages).toBe(1);
  });
});
