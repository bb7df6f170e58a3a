import type { Style } from "../terminal/output.ts";
import type { HistogramRow } from "./histogram-rows.ts";
import type { LoadSummary } from "./load-summary.ts";

const MS_PER_SECOND = 1_000;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

const count = (value: number): string => value.toLocaleString("en-US");

/** A time with three digits that count, in the unit in which it is read best. */
export const timeText = (ms: number): string => {
  if (ms >= MS_PER_SECOND) return `${(ms / MS_PER_SECOND).toPrecision(3)} s`;
  if (ms >= 100) return `${ms.toFixed(0)} ms`;
  return ms >= 10 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(ms < 0.1 ? 3 : 2)} ms`;
};

const rateText = (perSecond: number): string =>
  perSecond >= 100 ? count(Math.round(perSecond)) : perSecond.toPrecision(3);

/** A bar of blocks, an eighth of a column exact; what is there is seen. */
const bar = (share: number, columns: number): string => {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(share * columns * 8));
  return `${"█".repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ""}`;
};

const BESIDE_BARS = 4;
const LEAST_BAR_COLUMNS = 8;

const widest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));

/** Draws the rows of a histogram, each with its first latency and its count. */
export const drawHistogram = (rows: readonly HistogramRow[], columns: number): string[] => {
  const labels = rows.map(({ fromMs }) => timeText(fromMs));
  const counts = rows.map((row) => count(row.count));
  const most = Math.max(1, ...rows.map((row) => row.count));
  const room = Math.max(LEAST_BAR_COLUMNS, columns - widest(labels) - widest(counts) - BESIDE_BARS);
  return rows.map((row, at) => {
    const label = (labels[at] ?? "").padStart(widest(labels));
    const number = (counts[at] ?? "").padStart(widest(counts));
    return `${label} ${number} ${bar(row.count / most, room)}`.trimEnd();
  });
};

/** The line that shows how far a load is, while it runs. */
export const progressText = (
  { ended, errors }: { readonly ended: number; readonly errors: number },
  { elapsedMs, part, p50Ms }: { elapsedMs: number; part: number; p50Ms: number },
): string => {
  const percent = `${String(Math.floor(Math.min(1, part) * 100)).padStart(3)} %`;
  const rate = elapsedMs > 0 ? rateText((ended * MS_PER_SECOND) / elapsedMs) : "0";
  const failed = errors === 0 ? "" : `, ${count(errors)} failed`;
  return `${percent}  ${count(ended)} requests, ${rate}/s, p50 ${timeText(p50Ms)}${failed}`;
};

const failureLines = ({ failures }: LoadSummary, style: Style): string[] =>
  failures.flatMap(({ kind, count: times, message, hint }) => [
    `  ${style.bad("✘")} ${count(times)} × ${kind}: ${message}`,
    ...(hint === null ? [] : [`    ${style.dim("→")} ${hint}`]),
  ]);

const notStartedLines = ({ notStarted, asked }: LoadSummary, style: Style): string[] =>
  notStarted === 0
    ? []
    : [
        `  ${style.bad("✘")} ${count(notStarted)} were due and could not start: the rate was not kept`,
        `    ${style.dim("→")} a lower --rate, or a greater -c than ${String(asked.concurrency)}`,
      ];

const percentileLine = ({ latencyMs }: LoadSummary, style: Style): string => {
  const { p50, p90, p99, p99_9, max } = latencyMs;
  const named = { p50, p90, p99, "p99.9": p99_9, max };
  return Object.entries(named)
    .map(([name, ms]) => `${style.dim(name)} ${timeText(ms)}`)
    .join("   ");
};

/** A summary, for people. */
export const loadReport = (
  summary: LoadSummary,
  { style, columns }: { readonly style: Style; readonly columns: number },
): string[] => {
  const { requests, errors, elapsedMs, ratePerSecond, interrupted, histogram, asked } = summary;
  const failed = errors === 0 ? "" : `, ${count(errors)} of them failed`;
  const early = interrupted ? " (ended early)" : "";
  const asksFor = asked.ratePerSecond === null ? "" : ` of ${rateText(asked.ratePerSecond)}/s`;
  const head = `${count(requests)} requests in ${timeText(elapsedMs)}${failed}${early}`;
  const lines = [style.bold(head), `${rateText(ratePerSecond)}/s${asksFor}`];
  if (requests > 0) {
    lines.push(percentileLine(summary, style), "", ...drawHistogram(histogram, columns));
  }
  const failures = [...failureLines(summary, style), ...notStartedLines(summary, style)];
  return failures.length === 0 ? lines : [...lines, "", ...failures];
};
