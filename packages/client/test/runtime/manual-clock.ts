import type { Clock } from "../../src/runtime/platform.ts";

/** When a manual clock starts: in epoch time, and on its monotonic scale, in ms. */
const START_EPOCH_MS = 1_700_000_000_000;
const START_MONOTONIC_MS = 1_000;

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** Lets everything run that needs no time: every promise that can settle has settled afterwards. */
export const promisesSettled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #passedMs = 0;

  epochMs(): number {
    return START_EPOCH_MS + this.#passedMs;
  }

  monotonicMs(): number {
    return START_MONOTONIC_MS + this.#passedMs;
  }

  startTimer(callback: () => void, delayMs: number): () => void {
    const timer: Timer = { dueAt: this.#passedMs + delayMs, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers that wait. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Ms until the next timer fires; undefined without one. */
  get nextTimerMs(): number | undefined {
    const next = this.#nextTimer();
    return next === undefined ? undefined : next.dueAt - this.#passedMs;
  }

  /** Moves on by `ms`, timer by timer, and lets run what each of them sets going. */
  async advance(ms: number): Promise<void> {
    const target = this.#passedMs + ms;
    await promisesSettled();
    for (let timer = this.#nextTimer(); timer !== undefined; timer = this.#nextTimer()) {
      if (timer.dueAt > target) break;
      this.#passedMs = Math.max(this.#passedMs, timer.dueAt);
      this.#timers.delete(timer);
      timer.callback();
      await promisesSettled();
    }
    this.#passedMs = target;
  }

  /** Moves on by `ms` and lets no timer ring yet, as a loop that was blocked. */
  skip(ms: number): void {
    this.#passedMs += ms;
  }

  #nextTimer(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.dueAt < next.dueAt) next = timer;
    }
    return next;
  }
}
