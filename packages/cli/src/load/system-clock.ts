import { setImmediate, setTimeout } from "node:timers/promises";

import type { LoadClock } from "./load-run.ts";

/** Timers come up to a millisecond late. */
const TIMER_SLACK_MS = 1;

const hasEnded = ({ aborted }: AbortSignal): boolean => aborted;

/** The time of this machine. Waits end within some microseconds, since their last millisecond is spent on looking. */
export const systemClock: LoadClock = {
  nowMs: () => performance.now(),
  waitUntil: async (atMs, signal) => {
    const sleepMs = Math.floor(atMs - performance.now() - TIMER_SLACK_MS);
    if (sleepMs >= 1 && !hasEnded(signal)) {
      await setTimeout(sleepMs, undefined, { signal }).catch((error: unknown) => {
        if (!hasEnded(signal)) throw error;
      });
    }
    while (!hasEnded(signal) && performance.now() < atMs) await setImmediate();
  },
};
