import type { LatencyHistogram } from "./latency-histogram.ts";

/** Latencies from a first one up to, and without, a last one. */
export interface HistogramRow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

const MOST_ROWS = 14;

/** Edges of the rows within a decade, the finest first; rounded as people round. */
const SCALES: readonly (readonly number[])[] = [
  [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8],
  [1, 1.6, 2.5, 4, 6.3],
  [1, 2, 5],
  [1],
];

/** All edges of a scale from the one at or below the least up to the one above the greatest. */
const edgesBetween = (scale: readonly number[], leastMs: number, greatestMs: number): number[] => {
  const edges: number[] = [];
  const lowest = Math.floor(Math.log10(leastMs)) - 1;
  const highest = Math.ceil(Math.log10(greatestMs)) + 1;
  for (let power = lowest; power <= highest; power += 1) {
    // Digits beyond these would be those of the binary fraction.
    for (const step of scale) edges.push(Number((step * 10 ** power).toPrecision(6)));
  }
  const first = edges.findLastIndex((edge) => edge <= leastMs);
  const last = edges.findIndex((edge) => edge > greatestMs);
  return edges.slice(Math.max(0, first), last + 1);
};

const LEAST_MS = 0.001;

/** Sorts latencies into rows that grow with them: as fine as a screen has room for. */
export const histogramRows = (histogram: LatencyHistogram): HistogramRow[] => {
  if (histogram.count === 0) return [];
  const leastMs = Math.max(LEAST_MS, histogram.minMs);
  const greatestMs = Math.max(leastMs, histogram.maxMs);
  const scales = SCALES.map((scale) => edgesBetween(scale, leastMs, greatestMs));
  const edges = scales.find(({ length }) => length <= MOST_ROWS + 1) ?? scales.at(-1) ?? [];
  const rows = edges.slice(0, -1).map((fromMs, at) => ({
    fromMs,
    toMs: edges[at + 1] ?? fromMs,
    count: 0,
  }));
  for (const { fromMs, count } of histogram.counts()) {
    const row = rows.findLast((each) => each.fromMs <= fromMs) ?? rows[0];
    if (row !== undefined) row.count += count;
  }
  return rows;
};
