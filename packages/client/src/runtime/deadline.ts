import type { Clock } from "./platform.ts";
import type { AbortSource } from "./shared-signals.ts";

/** When a wait gives up: at a point in time, or when a signal says so. */
export interface Deadline {
  readonly clock: Clock;
  /** On the clock's monotonic scale, in ms. */
  readonly expiresAt: number;
  readonly signal?: AbortSource | undefined;
  /** Until when what was sent is of use, where that is longer than this wait. */
  readonly usefulUntil?: number;
  /** Makes the error of a wait that reached `expiresAt`; `why` tells what it waited for in vain, where that is known. */
  readonly timeoutError: (why?: Error) => Error;
}

/** How the code inside a wait ends it. Only the first call counts. */
export interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds left, never below 0. */
export const remainingMs = (deadline: Deadline): number =>
  Math.max(0, deadline.expiresAt - deadline.clock.monotonicMs());

/** Milliseconds for which what is sent now is of use, never below 0. */
export const usefulMs = ({ clock, expiresAt, usefulUntil = expiresAt }: Deadline): number =>
  Math.max(0, usefulUntil - clock.monotonicMs());

/** Whether nobody waits any more: the time is over, or the signal aborted. */
export const isReached = (deadline: Deadline): boolean =>
  deadline.signal?.aborted === true || remainingMs(deadline) === 0;

/** Throws what a wait would reject with, if its deadline is reached before it begins. */
export const throwIfReached = (deadline: Deadline): void => {
  deadline.signal?.throwIfAborted();
  if (remainingMs(deadline) === 0) throw deadline.timeoutError();
};

/** A wait that can be ended with an error. */
export interface Failable {
  fail(error: unknown): void;
}

/**
 * Watches over one wait: fails it once, at the deadline or when the signal aborts, and never after `stop()`.
 * Both the timer and the listener are gone then. It takes the wait itself, since a closure for each of
 * thousands of requests would weigh.
 */
export class DeadlineWatch {
  readonly #deadline: Deadline;
  readonly #wait: Failable;
  readonly #stopTimer: () => void;
  #isOver = false;

  constructor(deadline: Deadline, wait: Failable) {
    this.#deadline = deadline;
    this.#wait = wait;
    this.#stopTimer = deadline.clock.startTimer(() => {
      if (this.stop()) this.#wait.fail(this.#deadline.timeoutError());
    }, remainingMs(deadline));
    deadline.signal?.addEventListener("abort", this);
  }

  /** Called by the signal. */
  handleEvent(): void {
    if (this.stop()) this.#wait.fail(this.#deadline.signal?.reason);
  }

  /** Ends the watch; false where it was over already. */
  stop(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#stopTimer();
    this.#deadline.signal?.removeEventListener("abort", this);
    return true;
  }
}

/** The same deadline, but at least so far away. */
export const postponed = (deadline: Deadline, leastMs: number): Deadline => {
  const { clock, signal, expiresAt } = deadline;
  const timeoutError = (): Error => deadline.timeoutError();
  return {
    clock,
    signal,
    timeoutError,
    expiresAt: Math.max(expiresAt, clock.monotonicMs() + leastMs),
  };
};

/**
 * A promise that always settles: by what `start` does, at the deadline, or with the signal's reason.
 * The function that `start` returned is called as soon as it does.
 */
export const waitWithin = <T>(
  deadline: Deadline,
  start: (settle: Settle<T>) => (() => void) | undefined,
): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    throwIfReached(deadline);
    const wait: { isOver: boolean; release?: (() => void) | undefined } = { isOver: false };
    const finish = (): void => {
      wait.isOver = true;
      wait.release?.();
    };
    const watch = new DeadlineWatch(deadline, {
      fail: (error) => {
        finish();
        reject(error);
      },
    });
    const end = (settle: () => void): void => {
      if (!watch.stop()) return;
      finish();
      settle();
    };
    const fail = (error: unknown): void => {
      end(() => {
        reject(error);
      });
    };
    const succeed = (value: T): void => {
      end(() => {
        resolve(value);
      });
    };
    try {
      wait.release = start({ resolve: succeed, reject: fail });
      if (wait.isOver) wait.release?.();
    } catch (error) {
      fail(error);
    }
  });

/** Waits for `promise` within `deadline`. What it does after that is reached is ignored. */
export const settleWithin = <T>(deadline: Deadline, promise: PromiseLike<T>): Promise<T> => {
  // A deadline that is reached already leaves nobody else to hear of its failure.
  promise.then(undefined, () => undefined);
  return waitWithin<T>(deadline, ({ resolve, reject }) => {
    promise.then(resolve, reject);
    return undefined;
  });
};

/** Resolves after `delayMs`; rejects with the signal's reason when that comes first. */
export const pause = async (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  const over = new Error("the pause is over");
  const expiresAt = clock.monotonicMs() + delayMs;
  try {
    await waitWithin({ clock, expiresAt, signal, timeoutError: () => over }, () => undefined);
  } catch (error) {
    if (error !== over) throw error;
  }
};
