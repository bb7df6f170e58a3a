import { describe, expect, test, vi } from "vitest";
import type { Answer } from "../../src/client/responder.ts";
import { UserFilters } from "../../src/client/user-filters.ts";
import { WorkQueue } from "../../src/client/work-queue.ts";
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

/** Incoming requests, what it handled and what it answered. A request is handled until the test lets it end. */
interface SceneOptions extends Partial<IncomingRequestsOptions> {
  readonly maxRunning?: number;
  readonly maxWaiting?: number;
}

/** The filters of a client whose user has subscribed to what requests come on, too. */
const overlappingFilters = (): UserFilters => {
  const filters = new UserFilters("device");
  filters.add("gf_int_v1/+/request/#");
  return filters;
};

const scene = ({ maxRunning = 2, maxWaiting = 1, ...options }: SceneOptions = {}) => {
  const handled: string[] = [];
  const answers: (Answer & { readonly header: unknown })[] = [];
  const ends = new Map<string, (wanted: boolean) => void>();
  const failures = new Map<string, (error: unknown) => void>();
  const counters = startCounters();
  const { logger, entries } = recordingLogger();
  const unused = vi.fn<() => Promise<never>>();
  const queue = new WorkQueue({ maxRunning, maxWaiting });
  const responder = {
    respondError: async (_request: IncomingMessage, header: unknown, answer: Answer) =>
      void answers.push({ ...answer, header }),
  };
  const requests = new IncomingRequests({
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
    responder,
    filters: new UserFilters("device"),
    queue,
    counters,
    logger,
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
  return { requests, queue, handled, answers, counters, end, fail, logged: entries };
};

describe("a request", () => {
  test("is handled as it arrives, a bounded number at once, the others in order", async () => {
    const { requests, handled, counters, end } = scene();
    for (const id of ["a", "b", "c"]) requests.serve(message(), request(id));
    expect(handled).toEqual(["a", "b"]);
    await end("a");
    expect(handled).toEqual(["a", "b", "c"]);
    expect(counters.requestsReceived).toBe(3);
  });

  test("beyond those that may wait is answered 503 at once", async () => {
    const { requests, handled, answers, counters } = scene();
    for (const id of ["a", "b", "c", "d"]) requests.serve(message(), request(id));
    expect(answers).toMatchObject([{ code: 503, header: { request_id: "d" } }]);
    expect(handled).toEqual(["a", "b"]);
    expect(counters).toMatchObject({ overloaded: 1, requestsReceived: 3 });
  });

  test("that was answered 503 may be asked again", async () => {
    const { requests, handled, end } = scene({ maxWaiting: 0 });
    for (const id of ["a", "b", "c"]) requests.serve(message(), request(id));
    await end("a");
    requests.serve(message(), request("c"));
    expect(handled).toEqual(["a", "b", "c"]);
  });

  test("that is too large is answered 413, and no handler sees it", () => {
    const { requests, handled, answers, counters } = scene();
    requests.serve(message({ payload: new Uint8Array(101) }), request("a"));
    requests.serve(message({ payload: new Uint8Array(100) }), request("b"));
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
    const { requests, answers, fail } = scene();
    requests.serve(message(), request("a"));
    await fail("a", error);
    expect(answers).toMatchObject([{ ...answer, header: { request_id: "a" } }]);
  });

  test("whose handler fails makes room for the next", async () => {
    const { requests, handled, fail } = scene({ maxRunning: 1 });
    for (const id of ["a", "b"]) requests.serve(message(), request(id));
    await fail("a", new Error("broken"));
    expect(handled).toEqual(["a", "b"]);
  });

  test("that waits when the client closes is never handled", async () => {
    const { requests, queue, handled, end } = scene({ maxRunning: 1 });
    for (const id of ["a", "b"]) requests.serve(message(), request(id));
    queue.clear();
    requests.clear();
    await end("a");
    expect(handled).toEqual(["a"]);
  });
});

describe("the same request again", () => {
  test("is dropped while it is handled, whatever its QoS", async () => {
    for (const qos of [0, 1, 2] as const) {
      const { requests, handled, counters } = scene();
      for (let copy = 0; copy < 3; copy += 1) requests.serve(message({ qos }), request("a"));
      expect(handled).toEqual(["a"]);
      expect(counters).toMatchObject({ duplicateRequests: 2, requestsReceived: 1 });
    }
  });

  test("is dropped later when the broker marks it as a redelivery", async () => {
    const { requests, handled, end } = scene();
    requests.serve(message({ qos: 1 }), request("a"));
    await end("a");
    requests.serve(message({ qos: 1, duplicate: true }), request("a"));
    expect(handled).toEqual(["a"]);
  });

  test("is handled later when it is not marked: the requester has asked again", async () => {
    const { requests, handled, end } = scene();
    requests.serve(message({ qos: 1 }), request("a"));
    await end("a");
    requests.serve(message({ qos: 1 }), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test("is handled when only its mark says that it came before", () => {
    const { requests, handled } = scene();
    requests.serve(message({ qos: 1, duplicate: true }), request("a"));
    expect(handled).toEqual(["a"]);
  });

  test("is handled when it came on another topic", () => {
    const { requests, handled } = scene();
    requests.serve(message(), request("a"));
    requests.serve(message({ topic: `${TOPIC}2` }), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test("is dropped later where several filters match, and the broker sends a copy for each", async () => {
    const { requests, handled, end } = scene({ filters: overlappingFilters() });
    requests.serve(message(), request("a"));
    await end("a");
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a"]);
  });

  test("is forgotten in the end: memory has a bound", async () => {
    const { requests, handled, end } = scene({ maxWaiting: 0 });
    for (let number = 0; number < 5_000; number += 1) {
      requests.serve(message({ qos: 1 }), request(String(number)));
      await end(String(number));
    }
    handled.length = 0;
    requests.serve(message({ qos: 1, duplicate: true }), request("0"));
    requests.serve(message({ qos: 1, duplicate: true }), request("4999"));
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
    const { requests, answers, counters } = scene();
    requests.refuse(message(), invalid);
    expect(answers).toMatchObject([{ code: 405, body: "header.method: expected GET" }]);
    expect(counters.invalidMessages).toBe(1);
  });

  test("is not answered by a client that serves no requests", () => {
    const unused = vi.fn<() => Promise<never>>();
    const { requests, answers, counters } = scene({
      runner: {
        hasIncoming: false,
        hasOutgoing: false,
        runRequest: unused,
        runResponse: unused,
        runGeneral: unused,
        runOutgoing: unused,
      },
    });
    requests.refuse(message(), invalid);
    expect(answers).toEqual([]);
    expect(counters.invalidMessages).toBe(1);
  });
});
