import { isErrorCode } from "../terminal/code-text.ts";
import { cutText } from "../terminal/cut-text.ts";
import type { Style } from "../terminal/output.ts";
import { safeText } from "../terminal/safe-text.ts";
import { tableLines, widthOf } from "../terminal/table.ts";
import type { Decoded } from "./decode-message.ts";
import type { TrafficEvent } from "./pairing.ts";

/** Counts for one resource of one device. */
export interface ResourceCounts {
  readonly resource: string;
  requests: number;
  answers: number;
  /** Of these, those with 4xx or 5xx. */
  errors: number;
  unanswered: number;
  /** Sum and greatest of the times that answers took. */
  totalMs: number;
  longestMs: number;
}

/** Resources that are counted each on its own; names come from the network. */
const MOST_RESOURCES = 1_000;
const REST = "(others)";
const SHORTEST_RESOURCE = 16;

const resourceOf = ({ target, subsystem, path }: Decoded): string =>
  `${target ?? "?"} ${subsystem ?? "?"}/${(path ?? "?").replace(/^\//, "")}`;

/** Cuts the first column, the only one that has no bound of its own, so that the others are seen. */
const fitFirst = (
  rows: readonly (readonly string[])[],
  columns: number,
): readonly (readonly string[])[] => {
  const others = Math.max(...tableLines(rows.map((row) => ["", ...row.slice(1)])).map(widthOf));
  const width = Math.max(SHORTEST_RESOURCE, columns - others);
  return rows.map(([first = "", ...rest]) => [cutText(first, width), ...rest]);
};

/** Counts what is seen, in bounded memory. */
export class TrafficStatistics {
  readonly #resources = new Map<string, ResourceCounts>();
  messages = 0;
  invalid = 0;

  #of(message: Decoded): ResourceCounts {
    const name = resourceOf(message);
    const known = this.#resources.get(name);
    if (known !== undefined) return known;
    const resource = this.#resources.size < MOST_RESOURCES ? name : REST;
    const counts = this.#resources.get(resource) ?? {
      resource,
      requests: 0,
      answers: 0,
      errors: 0,
      unanswered: 0,
      totalMs: 0,
      longestMs: 0,
    };
    this.#resources.set(resource, counts);
    return counts;
  }

  take(event: TrafficEvent): void {
    if (event.event === "unanswered") {
      this.#of(event.request).unanswered += 1;
      return;
    }
    this.messages += 1;
    if (event.issues.length > 0) this.invalid += 1;
    if (event.kind === "request") this.#of(event).requests += 1;
    if (event.kind !== "response" || event.elapsedMs === undefined) return;
    const counts = this.#of(event.request ?? event);
    counts.answers += 1;
    if (event.code === undefined || isErrorCode(event.code)) counts.errors += 1;
    counts.totalMs += event.elapsedMs;
    counts.longestMs = Math.max(counts.longestMs, event.elapsedMs);
  }

  /** The busiest first. */
  get resources(): readonly ResourceCounts[] {
    return [...this.#resources.values()].toSorted((a, b) => b.requests - a.requests);
  }

  /** A table of the busiest resources, and how much there was in all. */
  lines(style: Style, most: number, columns: number = Infinity): readonly string[] {
    const { resources } = this;
    const head = ["resource", "requests", "answers", "errors", "unanswered", "mean", "longest"];
    const rows = resources.slice(0, most).map((counts) => {
      const { resource, requests, answers, errors, unanswered, totalMs, longestMs } = counts;
      const times =
        answers === 0
          ? ["", ""]
          : [totalMs / answers, longestMs].map((ms) => `${ms.toFixed(1)} ms`);
      return [safeText(resource), ...[requests, answers, errors, unanswered].map(String), ...times];
    });
    const [titles = "", ...others] = tableLines(fitFirst([head, ...rows], columns));
    const more =
      resources.length > most ? [style.dim(`and ${String(resources.length - most)} more`)] : [];
    const total = `${String(this.messages)} messages, ${String(this.invalid)} of them invalid`;
    return [style.bold(titles), ...others, ...more, style.dim(total)];
  }
}
