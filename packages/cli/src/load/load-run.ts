/** Time as a load needs it. */
export interface LoadClock {
  /** Grows steadily; only differences count. */
  readonly nowMs: () => number;
  /** Waits until then, as exactly as can be; resolves at once when the signal fires. */
  readonly waitUntil: (atMs: number, signal: AbortSignal) => Promise<void>;
}

/** How much is asked for, and how fast; the limit that is reached first counts. */
export interface LoadPlan {
  /** Requests in flight at once. */
  readonly concurrency: number;
  /** `Infinity`: as many as there is time for. */
  readonly requests: number;
  /** No request starts after that; `Infinity`: as long as it takes. */
  readonly durationMs: number;
  /** Requests a second; undefined: each as soon as another is answered. */
  readonly ratePerSecond?: number | undefined;
}

/** What a load does, and who hears of it. */
export interface LoadWork {
  readonly clock: LoadClock;
  /** Sends one and waits for its end; rejects where that is no answer. */
  readonly send: (signal: AbortSignal) => Promise<void>;
  /** One has ended. With a rate, the latency counts from when it was to start, late or not. */
  readonly onEnd: (latencyMs: number, error: unknown) => void;
  /** Ends the load; what is under way is given up and not counted. */
  readonly signal: AbortSignal;
}

/** How long a load has run, and what it has started. */
export interface LoadEnd {
  readonly started: number;
  readonly elapsedMs: number;
  /** With a rate: until the last one started, and the time that belongs to it. Ten at 10/s take a second, not 900 ms. */
  readonly pacedMs: number | undefined;
}

const MS_PER_SECOND = 1_000;

/**
 * Sends requests until a limit is reached. A rate is kept by the clock, not from one request to the next: where answers
 * come too late to keep it, the requests that wait for their turn count as slow, as their users would say they were.
 */
export const runLoad = async (plan: LoadPlan, work: LoadWork): Promise<LoadEnd> => {
  const { concurrency, requests, durationMs, ratePerSecond } = plan;
  const { clock, send, onEnd, signal } = work;
  const beginMs = clock.nowMs();
  const endMs = beginMs + durationMs;
  let started = 0;
  let lastStartMs = beginMs;
  const dueMs = (index: number): number =>
    ratePerSecond === undefined ? clock.nowMs() : beginMs + (index * MS_PER_SECOND) / ratePerSecond;
  const next = (): number | undefined => {
    const atMs = dueMs(started);
    if (started >= requests || atMs >= endMs || signal.aborted) return undefined;
    started += 1;
    return atMs;
  };
  const sendOne = async (atMs: number): Promise<void> => {
    let error: unknown;
    try {
      await send(signal);
    } catch (thrown) {
      if (signal.aborted) return;
      error = thrown;
    }
    onEnd(clock.nowMs() - atMs, error);
  };
  const lane = async (): Promise<void> => {
    for (let atMs = next(); atMs !== undefined; atMs = next()) {
      if (atMs > clock.nowMs()) await clock.waitUntil(atMs, signal);
      // What waited for its turn until the end is not sent any more.
      if (signal.aborted || clock.nowMs() >= endMs) {
        started -= 1;
        return;
      }
      lastStartMs = clock.nowMs();
      await sendOne(atMs);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, requests) }, lane));
  const elapsedMs = clock.nowMs() - beginMs;
  const pacedMs = ratePerSecond && lastStartMs - beginMs + MS_PER_SECOND / ratePerSecond;
  return { started, elapsedMs, pacedMs };
};
