import { setTimeout as sleep } from "node:timers/promises";

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
