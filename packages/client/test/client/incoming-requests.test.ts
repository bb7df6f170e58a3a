import { describe, expect, test, vi } from "vitest";
import type { Answer } from "../../src/client/responder.ts";
import { NotFoundResponse, ResponseException } from "../../src/index.ts";
import { TOPIC, incomingScene as scene, message, request } from "./incoming-scene.ts";

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
    const other = header.replace('"a"', '"c"');
    const body = `"${"x".repeat(10_000)}"`;
    for (const text of [
      `{"header":${header},"body":${body}}`,
      `{"body":${body},"header":${other}}`,
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
      { code: 413, header: { ...known, request_id: "c" } },
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

  test("that is too large is counted once, though the broker sends it again; it gets the same answer", () => {
    const { requests, answers, again, counters } = scene();
    const payload = new TextEncoder().encode(`{"header":{"request_id":"a"}}${" ".repeat(200)}`);
    requests.refuseOversized(message({ payload, qos: 1 }));
    requests.refuseOversized(message({ payload, qos: 1, duplicate: true }));
    expect(answers).toHaveLength(1);
    expect(again).toEqual([`413 ${TOPIC} a`]);
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
    const { requests, repeats, queue, handled, end } = scene({ maxRunning: 1 });
    for (const id of ["a", "b"]) requests.serve(message(), request(id));
    queue.clear();
    repeats.clear();
    await end("a");
    expect(handled).toEqual(["a"]);
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
