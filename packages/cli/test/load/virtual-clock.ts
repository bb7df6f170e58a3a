import type { LoadClock } from "../../src/load/load-run.ts";

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Enough for promises that wait for each other to be done. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A clock that jumps to the next time that somebody waits for, once nothing else is to be done. */
export class VirtualClock implements LoadClock {
  #nowMs = 1_000;
  readonly #sleepers = new Set<Sleeper>();

  readonly nowMs = (): number => this.#nowMs;

  readonly waitUntil = (atMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { atMs, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake);
    });

  readonly sleep = (ms: number): Promise<void> => this.waitUntil(this.#nowMs + ms);

  /** Runs until this has settled. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    const state = { isDone: false };
    const finish = (): void => {
      state.isDone = true;
    };
    work.then(finish, finish);
    for (await settle(); !state.isDone; await settle()) {
      const [first] = [...this.#sleepers].toSorted((one, other) => one.atMs - other.atMs);
      if (first === undefined) throw new Error("nobody waits for a time, and nothing happens");
      this.#nowMs = Math.max(this.#nowMs, first.atMs);
      first.wake();
    }
    return work;
  }
}
