import type { Clock } from "./clock.ts";
import type { AbortSource } from "./shared-signals.ts";

/** When a wait gives up: at a point in time, or when a signal says so. */
export interface Deadline {
  readonly clock: Clock;
  /** On the clock's monotonic scale, in ms. */
  readonly expiresAt: number;
  readonly signal?: AbortSource | undefined;
  /** Makes the error of a wait that reached `expiresAt`. */
  readonly timeoutError: () => Error;
}

/** How the code inside a wait ends it. Only the first call counts. */
export interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds left, never below 0. */
export const remainingMs = (limits: Deadline): number =>
  Math.max(0, limits.expiresAt - limits.clock.monotonicMs());

/** Throws what a wait would reject with, if its limits are reached before it begins. */
export const throwIfReached = (limits: Deadline): void => {
  limits.signal?.throwIfAborted();
  if (remainingMs(limits) === 0) throw limits.timeoutError();
};

/**
 * A promise that always settles: by what `start` does, at the deadline, or with the signal's reason.
 * Timer and listener are removed and the function that `start` returned is called as soon as it does.
 */
export const waitWithin = <T>(
  limits: Deadline,
  start: (settle: Settle<T>) => (() => void) | undefined,
): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const { signal, clock } = limits;
    throwIfReached(limits);
    const state: { settled: boolean; release?: (() => void) | undefined } = { settled: false };
    const settleOnce = (settle: () => void): void => {
      if (state.settled) return;
      state.settled = true;
      stopTimer();
      signal?.removeEventListener("abort", onAbort);
      state.release?.();
      settle();
    };
    const fail = (error: unknown): void => {
      settleOnce(() => {
        reject(error);
      });
    };
    const onAbort = (): void => {
      fail(signal?.reason);
    };
    const stopTimer = clock.startTimer(() => {
      fail(limits.timeoutError());
    }, remainingMs(limits));
    signal?.addEventListener("abort", onAbort);
    const succeed = (value: T): void => {
      settleOnce(() => {
        resolve(value);
      });
    };
    try {
      state.release = start({ resolve: succeed, reject: fail });
      if (state.settled) state.release?.();
    } catch (error) {
      fail(error);
    }
  });

/** Waits for `promise` within `limits`. What it does after they are reached is ignored. */
export const settleWithin = <T>(limits: Deadline, promise: PromiseLike<T>): Promise<T> => {
  // Deadline that are reached already leave nobody else to hear of its failure.
  promise.then(undefined, () => undefined);
  return waitWithin<T>(limits, ({ resolve, reject }) => {
    promise.then(resolve, reject);
    return undefined;
  });
};

/** Resolves after `delayMs`; rejects with the signal's reason when that comes first. */
export const pause = (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise<void>((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => {
      stopTimer();
      reject(signal.reason);
    };
    const stopTimer = clock.startTimer(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener("abort", onAbort, { once: true });
  });
