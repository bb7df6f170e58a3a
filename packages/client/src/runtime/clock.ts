/** Time as the library sees it. Tests bring one that they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch: what goes into payloads. */
  epochMs(): number;
  /** Milliseconds that only ever go forward: what deadlines are measured with. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`, unless the function that it returns was called before. */
  startTimer(callback: () => void, delayMs: number): () => void;
}

/** The longest delay of a runtime's own timer, in ms: 2^31 - 1. A longer one would ring at once. */
const LONGEST_DELAY_MS = 2_147_483_647;
/** A timer that rings so much too late, in ms, tells of an event loop that was blocked. */
const LATE_MS = 10;

/** A timer of any length. One that rings late gives way once more, so that what has arrived meanwhile is read first. */
class SystemTimer {
  readonly #callback: () => void;
  readonly #dueAt: number;
  #hasGivenWay = false;
  #timeout: ReturnType<typeof setTimeout>;

  constructor(callback: () => void, delayMs: number) {
    this.#callback = callback;
    this.#dueAt = performance.now() + delayMs;
    this.#timeout = this.#start(delayMs);
  }

  #start(delayMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(ring, Math.min(delayMs, LONGEST_DELAY_MS), this);
  }

  ring(): void {
    const leftMs = this.#dueAt - performance.now();
    // Below that it is a coarse clock that stands a moment before the time its timer has waited for.
    if (leftMs > LATE_MS) {
      this.#timeout = this.#start(leftMs);
    } else if (leftMs < -LATE_MS && !this.#hasGivenWay) {
      this.#hasGivenWay = true;
      this.#timeout = this.#start(0);
    } else {
      this.#callback();
    }
  }

  stop(): void {
    clearTimeout(this.#timeout);
  }
}

/** One function for all: a closure for each timer would weigh more than the timer. */
const ring = (timer: SystemTimer): void => {
  timer.ring();
};

/** The clock of the machine. */
export const systemClock: Clock = {
  epochMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  startTimer: (callback, delayMs) => {
    const timer = new SystemTimer(callback, delayMs);
    return () => {
      timer.stop();
    };
  },
};
