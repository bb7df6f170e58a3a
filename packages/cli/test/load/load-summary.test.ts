import { expect, test } from "vitest";

import { drawHistogram, loadReport, progressText, timeText } from "../../src/load/load-report.ts";
import type { LoadPlan } from "../../src/load/load-run.ts";
import { summarize } from "../../src/load/load-summary.ts";
import { LoadTally } from "../../src/load/load-tally.ts";

const same = (text: string): string => text;
const style = { bold: same, dim: same, good: same, bad: same, warning: same, name: same };

const plan: LoadPlan = { concurrency: 4, requests: 100, durationMs: Infinity };

const tallyOf = (ok: number, failed: readonly string[] = []): LoadTally => {
  const tally = new LoadTally((kind) => ({
    kind: String(kind),
    message: `the first ${String(kind)}`,
    hint: "look there",
    exitStatus: 6,
  }));
  for (let index = 1; index <= ok; index += 1) tally.add(index, undefined);
  for (const kind of failed) tally.add(5, kind);
  return tally;
};

const outcome = { started: 100, elapsedMs: 2_000, pacedMs: undefined, interrupted: false };

test("a summary tells requests a second, percentiles and what was asked for", () => {
  const { histogram, ...summary } = summarize(plan, tallyOf(100), outcome);
  expect(summary).toEqual({
    asked: { concurrency: 4, requests: 100, durationMs: null, ratePerSecond: null },
    interrupted: false,
    elapsedMs: 2_000,
    requests: 100,
    succeeded: 100,
    errors: 0,
    ratePerSecond: 50,
    notStarted: 0,
    latencyMs: {
      min: 1,
      mean: 50.5,
      p50: expect.closeTo(50, 0),
      p90: expect.closeTo(90, -1),
      p99: expect.closeTo(99, -1),
      p99_9: 100,
      max: 100,
    },
    failures: [],
  });
  expect(histogram.length).toBeGreaterThan(5);
});

test("errors are counted by their kind, the most frequent first", () => {
  const { errors, succeeded, failures } = summarize(
    plan,
    tallyOf(10, ["NOT_FOUND 404", "TIMEOUT", "TIMEOUT"]),
    outcome,
  );
  expect(errors).toBe(3);
  expect(succeeded).toBe(10);
  expect(failures).toEqual([
    { kind: "TIMEOUT", count: 2, message: "the first TIMEOUT", hint: "look there", exitStatus: 6 },
    expect.objectContaining({ kind: "NOT_FOUND 404", count: 1 }),
  ]);
});

test("a rate that was not kept is told", () => {
  const paced = { concurrency: 1, requests: Infinity, durationMs: 1_000, ratePerSecond: 100 };
  const summary = summarize(paced, tallyOf(40), {
    ...outcome,
    started: 40,
    elapsedMs: 1_005,
    pacedMs: 1_000,
  });
  expect(summary.notStarted).toBe(60);
  expect(loadReport(summary, { style, columns: 80 }).slice(-2)).toEqual([
    "  ✘ 60 were due and could not start: the rate was not kept",
    "    → a lower --rate, or a greater -c than 1",
  ]);
});

test("an interrupted load has not missed what it was not let do", () => {
  const paced = { ...plan, ratePerSecond: 100 };
  const summary = summarize(paced, tallyOf(4), {
    started: 4,
    elapsedMs: 40,
    pacedMs: 40,
    interrupted: true,
  });
  expect(summary).toMatchObject({ notStarted: 0, interrupted: true });
});

test("the report is one screen", () => {
  const report = loadReport(summarize(plan, tallyOf(99, ["TIMEOUT"]), outcome), {
    style,
    columns: 60,
  });
  expect(report.join("\n")).toMatchInlineSnapshot(`
    "100 requests in 2.00 s, 1 of them failed
    50.0/s
    p50 49.2 ms   p90 89.1 ms   p99 98.3 ms   p99.9 99.0 ms   max 99.0 ms

    1.00 ms  1 █▎
    1.60 ms  1 █▎
    2.50 ms  1 █▎
    4.00 ms  4 █████▎
    6.30 ms  4 █████▎
    10.0 ms  5 ██████▌
    16.0 ms 10 █████████████
    25.0 ms 15 ███████████████████▋
    40.0 ms 23 ██████████████████████████████
    63.0 ms 36 ███████████████████████████████████████████████

      ✘ 1 × TIMEOUT: the first TIMEOUT
        → look there"
  `);
  for (const line of report) expect(line.length).toBeLessThanOrEqual(80);
});

test("a load without any request still has a report", () => {
  const summary = summarize(plan, tallyOf(0), {
    ...outcome,
    started: 0,
    elapsedMs: 0,
    interrupted: true,
  });
  expect(loadReport(summary, { style, columns: 80 })).toEqual([
    "0 requests in 0.000 ms (ended early)",
    "0.00/s",
  ]);
});

test("a single latency beside thousands is still seen", () => {
  const rows = [
    { fromMs: 1, toMs: 2, count: 10_000 },
    { fromMs: 2, toMs: 5, count: 1 },
    { fromMs: 5, toMs: 10, count: 0 },
  ];
  expect(drawHistogram(rows, 40)).toEqual([
    `1.00 ms 10,000 ${"█".repeat(23)}`,
    "2.00 ms      1 ▏",
    "5.00 ms      0",
  ]);
});

test.each([
  [0.012, "0.012 ms"],
  [0.123, "0.12 ms"],
  [12.34, "12.3 ms"],
  [123.4, "123 ms"],
  [12_345, "12.3 s"],
])("a time of %d ms is %s", (ms, text) => {
  expect(timeText(ms)).toBe(text);
});

test("progress tells part, rate, median and failures", () => {
  const line = progressText({ ended: 500, errors: 2 }, { elapsedMs: 250, part: 0.05, p50Ms: 0.4 });
  expect(line).toBe("  5 %  500 requests, 2,000/s, p50 0.40 ms, 2 failed");
});
