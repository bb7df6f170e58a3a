import { LatencyHistogram } from "./latency-histogram.ts";

/** Why requests failed, as far as they failed in the same way. */
export interface LoadFailure {
  /** Stable: the error's code, with the device's code where it answered with one: "NOT_FOUND 404". */
  readonly kind: string;
  readonly count: number;
  /** What the first one said. */
  readonly message: string;
  readonly hint: string | null;
  /** With which the command exits if this is the most frequent kind. */
  readonly exitStatus: number;
}

/** What is told of an error: `describeFailure` reads it. */
export type ReadFailure = (error: unknown) => Omit<LoadFailure, "count">;

/** Counts how requests ended; of errors a bounded number of kinds. */
export class LoadTally {
  /** Of all that ended, errors included: who leaves out what failed counts too well. */
  readonly latencies: LatencyHistogram = new LatencyHistogram();
  readonly #failures = new Map<string, LoadFailure>();
  readonly #read: ReadFailure;
  #errors = 0;

  constructor(read: ReadFailure) {
    this.#read = read;
  }

  add(latencyMs: number, error: unknown): void {
    this.latencies.record(latencyMs);
    if (error === undefined) return;
    this.#errors += 1;
    const failure = this.#read(error);
    const known = this.#failures.get(failure.kind);
    this.#failures.set(failure.kind, { ...(known ?? failure), count: (known?.count ?? 0) + 1 });
  }

  get ended(): number {
    return this.latencies.count;
  }

  get errors(): number {
    return this.#errors;
  }

  /** The most frequent first. */
  get failures(): LoadFailure[] {
    return [...this.#failures.values()].toSorted((one, other) => other.count - one.count);
  }
}
