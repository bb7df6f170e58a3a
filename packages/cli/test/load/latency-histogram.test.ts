import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";

import { histogramRows } from "../../src/load/histogram-rows.ts";
import { LatencyHistogram } from "../../src/load/latency-histogram.ts";

const histogramOf = (latencies: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram();
  for (const latencyMs of latencies) histogram.record(latencyMs);
  return histogram;
};

test("an empty histogram has no latencies", () => {
  const histogram = new LatencyHistogram();
  expect(histogram).toMatchObject({ count: 0, minMs: 0, maxMs: 0, meanMs: 0 });
  expect(histogram.percentileMs(99)).toBe(0);
  expect(histogramRows(histogram)).toEqual([]);
});

test("least, mean and greatest are exact", () => {
  const histogram = histogramOf([3, 1, 8]);
  expect(histogram).toMatchObject({ count: 3, minMs: 1, maxMs: 8, meanMs: 4 });
});

test("what is longer than it can tell apart is counted as the greatest", () => {
  const histogram = histogramOf([1, 1e9]);
  expect(histogram.maxMs).toBe(1e9);
  expect(histogram.count).toBe(2);
});

const latencies = fc.array(fc.double({ min: 0.001, max: 4_000_000, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
});

property.prop([latencies, fc.constantFrom(0.1, 1, 50, 90, 99, 99.9, 100)])(
  "a percentile is that of the sorted list, to 1.6 % or 1 µs",
  (list, percent) => {
    const sorted = list.toSorted((one, other) => one - other);
    const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length - 1e-9));
    const exact = sorted[rank - 1] ?? 0;
    const told = histogramOf(list).percentileMs(percent);
    expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.016 + 0.001);
  },
);

property.prop([latencies])("the rows hold every latency once, in order, on one screen", (list) => {
  const rows = histogramRows(histogramOf(list));
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(list.length);
  expect(rows.length).toBeLessThanOrEqual(14);
  for (const [at, row] of rows.entries()) {
    expect(row.toMs).toBeGreaterThan(row.fromMs);
    if (at > 0) expect(row.fromMs).toBe(rows[at - 1]?.toMs);
  }
  expect(rows[0]?.fromMs).toBeLessThanOrEqual(Math.min(...list));
  expect(rows.at(-1)?.toMs).toBeGreaterThan(Math.max(...list));
});

test("a narrow range of latencies is drawn in fine rows", () => {
  const rows = histogramRows(histogramOf([1, 1.3, 1.9]));
  expect(rows.map(({ fromMs }) => fromMs)).toEqual([1, 1.25, 1.6]);
  expect(rows.map(({ count }) => count)).toEqual([1, 1, 1]);
});
