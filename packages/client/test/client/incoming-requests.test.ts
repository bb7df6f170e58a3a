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
import { ManualClock, promisesSettled } from "../runtime/manual-clock.ts";
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
  const queue = new WorkQueue({ maxRunning, maxWaiting, maxWaitingBytes: 1_000 });
  const clock = new ManualClock();
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
    settings: { clock, logger, maxPayloadBytes: 100 },
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
  return { requests, queue, clock, handled, answers, counters, end, fail, logged: entries };
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

  test("that is too large is answered 413 as far as its ends tell who asks, and no handler sees it", () => {
    const { requests, handled, answers, counters } = scene();
    const header = '{"request_id":"a","path":"gains","correlation_id":"b"}';
    const body = `"${"x".repeat(10_000)}"`;
    for (const text of [
      `{"header":${header},"body":${body}}`,
      `{"body":${body},"header":${header}}`,
    ]) {
      requests.refuseOversized(message({ payload: new TextEncoder().encode(text) }));
    }
    const known = { request_id: "a", path: "gains", correlation_id: "b" };
    expect(answers).toMatchObject([
      {
        code: 413,
        body: expect.stringMatching(/^the request has 1\d+ bytes; at most 100 are taken$/),
        header: known,
      },
      { code: 413, header: known },
    ]);
    expect(handled).toEqual([]);
    expect(counters).toMatchObject({ oversizedRequests: 2, requestsReceived: 0 });
  });

  test("that is too large and does not tell who asks is counted, and not answered", () => {
    const { requests, answers, counters } = scene();
    requests.refuseOversized(message({ payload: new Uint8Array(20_000) }));
    expect(answers).toEqual([]);
    expect(counters.oversizedRequests).toBe(1);
  });

  test("that is too large is answered once, though the broker sends it again", () => {
    const { requests, answers, counters } = scene();
    const payload = new TextEncoder().encode(`{"header":{"request_id":"a"}}${" ".repeat(200)}`);
    requests.refuseOversized(message({ payload, qos: 1 }));
    requests.refuseOversized(message({ payload, qos: 1, duplicate: true }));
    expect(answers).toHaveLength(1);
    expect(counters).toMatchObject({ oversizedRequests: 1, duplicateRequests: 1 });
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

  test("is a new one where several filters match, and its id is used again some time later", async () => {
    const { requests, clock, handled, end } = scene({ filters: overlappingFilters() });
    requests.serve(message(), request("a"));
    await end("a");
    await clock.advance(250);
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test("on two topics is two requests, and a copy of each is known", () => {
    const { requests, handled, counters } = scene();
    for (const topic of [TOPIC, `${TOPIC}2`, TOPIC, `${TOPIC}2`]) {
      requests.serve(message({ topic }), request("a"));
    }
    expect(handled).toEqual(["a", "a"]);
    expect(counters.duplicateRequests).toBe(2);
  });

  test("after the client was closed is a new one: what waited then was never handled", async () => {
    const { requests, queue, handled, end } = scene({ maxRunning: 1 });
    for (const id of ["a", "b"]) requests.serve(message(), request(id));
    queue.clear();
    requests.clear();
    await end("a");
    requests.serve(message(), request("b"));
    expect(handled).toEqual(["a", "b"]);
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
    header: { method: "PATCH", request_id: "a" },
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
