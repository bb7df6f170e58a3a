import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";

import { createStyle } from "../../src/terminal/style.ts";
import { PacedOutput } from "../../src/traffic/paced-output.ts";
import { Pairing } from "../../src/traffic/pairing.ts";
import { createFilter } from "../../src/traffic/traffic-filter.ts";
import { TrafficStatistics } from "../../src/traffic/traffic-statistics.ts";
import { trafficDocument, trafficLine } from "../../src/traffic/traffic-text.ts";
import {
  decode,
  REQUEST_ID,
  REQUEST_TOPIC,
  RESPONSE_TOPIC,
  decoded,
  request,
  response,
} from "./messages.ts";

const style = createStyle(false);
const pairing = (mostOpen = 10): Pairing => new Pairing({ timeoutMs: 100, mostOpen });

describe("a message", () => {
  test("tells what it is about", () => {
    expect(request(7)).toMatchObject({
      kind: "request",
      at: 7,
      target: "pump-1",
      subsystem: "axuv",
      path: "gains",
      method: "GET",
      requestId: REQUEST_ID,
      issues: [],
    });
    expect(response()).toMatchObject({
      kind: "response",
      code: 205,
      body: [1, 2],
      source: "pump-1",
    });
  });

  test("that breaks a rule is read as far as it can be, with the reason", () => {
    const header = { method: "GOT", path: "gains", request_id: REQUEST_ID };
    const { kind, path, issues } = decoded(REQUEST_TOPIC, { header, timestamp: 1 });
    expect([kind, path]).toEqual(["request", "gains"]);
    expect(issues).toEqual([expect.stringContaining("method")]);
    expect(decoded(REQUEST_TOPIC, "garbage")).toMatchObject({
      kind: "other",
      issues: [expect.any(String)],
    });
  });

  test("brings nothing to a terminal that moves its cursor", () => {
    const evil = "\u001B[2J";
    const header = { method: `G${evil}`, path: evil, request_id: evil };
    const message = decoded(REQUEST_TOPIC, { header, timestamp: 1, body: { [evil]: evil } });
    const unanswered = { event: "unanswered", at: 1, request: message } as const;
    for (const event of [pairing().take(message), unanswered]) {
      expect(trafficLine(event, { style, columns: Infinity })).not.toContain("\u001B");
    }
  });

  test("on another topic is shown, too", () => {
    expect(decoded("a/b", "17")).toMatchObject({ kind: "other", target: undefined });
  });

  test("that is nested too deep is told, not a crash", () => {
    const deep = `{"timestamp":1,"body":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    const event = pairing().take(decoded(RESPONSE_TOPIC, deep));
    expect(trafficLine(event, { style, columns: 200 })).toContain("✘");
    expect(JSON.parse(trafficDocument(event))).toMatchObject({ body: null });
  });

  property.prop([fc.uint8Array({ maxLength: 200 }), fc.string()])(
    "of any bytes on any topic can be shown",
    (payload, topic) => {
      const event = pairing().take(decode({ at: 0, topic, payload, retain: false }));
      expect(trafficLine(event, { style, columns: 80 })).not.toMatch(/\p{Cc}/u);
      expect(trafficDocument(event)).not.toContain("\n");
    },
  );
});

describe("pairing", () => {
  test("tells how long an answer took, and which request it answers", () => {
    const pairs = pairing();
    pairs.take(request(10));
    expect(pairs.take(response(13))).toMatchObject({ elapsedMs: 3, request: { at: 10 } });
    expect(pairs.expire(Infinity)).toEqual([]);
  });

  test("an answer from another device answers nothing", () => {
    const pairs = pairing();
    pairs.take(request());
    const other = { ...response(1), target: "pump-2" };
    expect(pairs.take(other)).toMatchObject({ elapsedMs: undefined, request: undefined });
  });

  test("several answers of a group are paired with one request", () => {
    const pairs = pairing();
    pairs.take(request(0));
    expect([1, 2].map((at) => pairs.take(response(at)))).toMatchObject([
      { elapsedMs: 1 },
      { elapsedMs: 2 },
    ]);
  });

  test("a request without an answer is told once its time is over", () => {
    const pairs = pairing();
    pairs.take(request(0));
    expect(pairs.expire(99)).toEqual([]);
    expect(pairs.expire(100)).toMatchObject([
      { event: "unanswered", at: 100, request: { path: "gains" } },
    ]);
    expect(pairs.expire(Infinity)).toEqual([]);
  });

  test("a request that is sent again keeps its first time", () => {
    const pairs = pairing();
    pairs.take(request(0));
    pairs.take(request(50));
    expect(pairs.take(response(60))).toMatchObject({ elapsedMs: 60 });
  });

  test("what is open is bounded, and what was forgotten is counted", () => {
    const pairs = pairing(2);
    for (const id of ["a", "b", "c"]) pairs.take(request(0, id));
    expect(pairs.forgotten).toBe(1);
    expect(pairs.expire(Infinity)).toHaveLength(2);
  });
});

describe("a filter", () => {
  const pairs = pairing();
  const asked = pairs.take(request());
  const answered = pairs.take(response(1, 404));
  const unanswered = pairing();
  unanswered.take(request());
  const [missing] = unanswered.expire(Infinity);

  test.each([
    [{}, [true, true, true]],
    [{ target: "pump-1" }, [true, true, true]],
    [{ target: "pump-2" }, [false, false, false]],
    [{ subsystem: "axuv", path: "/ga*" }, [true, true, true]],
    [{ path: "gai" }, [false, false, false]],
    [{ path: "g.ins" }, [false, false, false]],
    [{ method: "get" }, [true, true, true]],
    [{ method: "PUT" }, [false, false, false]],
    [{ code: "4xx" }, [false, true, false]],
    [{ code: "205" }, [false, false, false]],
  ])("%j lets through", (filter, expected) => {
    const isWanted = createFilter(filter);
    expect(
      [asked, answered, missing].map((event) => event !== undefined && isWanted(event)),
    ).toEqual(expected);
  });
});

describe("the table", () => {
  test("counts each resource", () => {
    const statistics = new TrafficStatistics();
    const pairs = pairing();
    for (const message of [request(0), response(4), response(6, 500)])
      statistics.take(pairs.take(message));
    expect(statistics.lines(style, 10)).toEqual([
      "resource           requests  answers  errors  unanswered  mean    longest",
      "pump-1 axuv/gains  1         2        1       0           5.0 ms  6.0 ms",
      "3 messages, 0 of them invalid",
    ]);
  });

  test("leave the numbers on a narrow terminal", () => {
    const statistics = new TrafficStatistics();
    statistics.take(pairing().take({ ...request(), path: "long/".repeat(40) }));
    const [head = "", row = ""] = statistics.lines(style, 10, 80);
    expect(head).toMatch(/longest$/);
    expect(row).toMatch(/^pump-1 axuv\/long.*…  1 {9}0 /);
    expect(Math.max(head.length, row.length)).toBeLessThanOrEqual(80);
  });

  test("stays bounded whatever names come", () => {
    const statistics = new TrafficStatistics();
    for (let count = 0; count < 2_000; count += 1) {
      statistics.take(pairing().take({ ...request(), path: String(count) }));
    }
    expect(statistics.resources).toHaveLength(1_001);
    expect(statistics.resources[0]).toMatchObject({ resource: "(others)", requests: 1_000 });
  });
});

test("a terminal gets 500 lines a second, and how many were left out", () => {
  const lines: string[] = [];
  let now = 0;
  const output = new PacedOutput(
    {
      line: (text = "") => void lines.push(text),
      write: () => undefined,
      isTerminal: true,
      columns: 80,
      rows: 24,
      style,
    },
    () => now,
  );
  for (let count = 0; count < 600; count += 1) output.line(String(count));
  expect(lines).toHaveLength(500);
  now = 1_000;
  output.line("next");
  expect(lines.slice(500)).toEqual(["… 100 lines left out: more than can be read", "next"]);
});
