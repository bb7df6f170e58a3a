import { toThousandths } from "../thousandths.ts";
import type { LoadEnd, LoadPlan } from "./load-run.ts";
import type { LoadFailure, LoadTally } from "./load-tally.ts";
import { histogramRows } from "./histogram-rows.ts";
import type { HistogramRow } from "./histogram-rows.ts";

const MS_PER_SECOND = 1_000;

/** Which part of all requests was at least as fast. */
const PERCENTILES = { p50: 50, p90: 90, p99: 99, p99_9: 99.9 } as const;

/** Latencies in ms. */
export interface LatencySummary extends Readonly<Record<keyof typeof PERCENTILES, number>> {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** What a load has shown; `--json` prints it. */
export interface LoadSummary {
  readonly asked: {
    readonly concurrency: number;
    readonly requests: number | null;
    readonly durationMs: number | null;
    readonly ratePerSecond: number | null;
  };
  /** Whether it was stopped before a limit. */
  readonly interrupted: boolean;
  readonly elapsedMs: number;
  /** All that ended, errors included. */
  readonly requests: number;
  readonly succeeded: number;
  readonly errors: number;
  /** Requests a second: that ended; with a rate, that started. */
  readonly ratePerSecond: number;
  /** Requests that were due and had no turn: too few may be in flight for this rate. */
  readonly notStarted: number;
  readonly latencyMs: LatencySummary;
  readonly histogram: readonly HistogramRow[];
  readonly failures: readonly LoadFailure[];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const perSecond = (count: number, ms: number): number =>
  ms > 0 ? toThousandths((count * MS_PER_SECOND) / ms) : 0;

const latencySummary = ({ latencies }: LoadTally): LatencySummary => {
  const percentile = (name: keyof typeof PERCENTILES): number =>
    toThousandths(latencies.percentileMs(PERCENTILES[name]));
  return {
    min: toThousandths(latencies.minMs),
    mean: toThousandths(latencies.meanMs),
    p50: percentile("p50"),
    p90: percentile("p90"),
    p99: percentile("p99"),
    p99_9: percentile("p99_9"),
    max: toThousandths(latencies.maxMs),
  };
};

/** How many had to start by then, with a rate. */
const dueBy = ({ requests, durationMs, ratePerSecond }: LoadPlan, elapsedMs: number): number => {
  if (ratePerSecond === undefined) return 0;
  const perMs = ratePerSecond / MS_PER_SECOND;
  return Math.min(requests, Math.ceil(Math.min(durationMs, elapsedMs) * perMs - 1e-6));
};

interface LoadOutcome extends LoadEnd {
  readonly interrupted: boolean;
}

/** Sums up a load. */
export const summarize = (plan: LoadPlan, tally: LoadTally, outcome: LoadOutcome): LoadSummary => {
  const { started, elapsedMs, pacedMs, interrupted } = outcome;
  const { ended: requests, errors, failures, latencies } = tally;
  return {
    asked: {
      concurrency: plan.concurrency,
      requests: finite(plan.requests),
      durationMs: finite(plan.durationMs),
      ratePerSecond: plan.ratePerSecond ?? null,
    },
    interrupted,
    elapsedMs: toThousandths(elapsedMs),
    requests,
    succeeded: requests - errors,
    errors,
    ratePerSecond: perSecond(pacedMs === undefined ? requests : started, pacedMs ?? elapsedMs),
    notStarted: interrupted ? 0 : Math.max(0, dueBy(plan, elapsedMs) - started),
    latencyMs: latencySummary(tally),
    histogram: histogramRows(latencies),
    failures,
  };
};
