import { setTimeout as sleep } from "node:timers/promises";

/** What comes again and again. */
export interface Turns {
  /** When the last one was due, as of `performance.now()`. */
  readonly due: number;
  /** From one to the next, in ms. */
  readonly every: number;
}

/** When the next one is due: at even distances. One that is late comes at once, and those that were missed do not. */
export const nextDue = ({ due, every }: Turns, now: number): number => Math.max(due + every, now);

/**
 * Waits until a time of `performance.now()`.
 *
 * @throws the signal's reason, when it fires before.
 */
export const pauseUntil = async (time: number, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  const leftMs = time - performance.now();
  if (leftMs <= 0) return;
  try {
    await sleep(leftMs, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
};
