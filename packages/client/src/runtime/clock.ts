/** Time as the library sees it. Tests bring one that they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch: what goes into payloads. */
  epochMs(): number;
  /** Milliseconds that only ever go forward: what deadlines are measured with. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`, unless the function that it returns was called before. */
  startTimer(callback: () => void, delayMs: number): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  epochMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  startTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
