/** Time as the library sees it. Tests bring one that they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch: what goes into payloads. */
  epochMs(): number;
  /** Milliseconds that only ever go forward: what deadlines are measured with. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`, unless the function that it returns was called before. */
  startTimer(callback: () => void, delayMs: number): () => void;
}

/** The longest delay of a runtime's own timer, in ms (about 24.8 days). A longer one would ring at once; timers of a {@link Clock} may be longer. */
export const LONGEST_TIMER_MS = 2_147_483_647;
/** A timer that rings so much too late, in ms, tells of an event loop that was blocked. */
const LATE_MS = 10;

interface LoopScheduler {
  readonly setImmediate?: (callback: () => void) => unknown;
}

/** Calls back when what lies in the sockets has been read. */
const afterReading = (callback: () => void): void => {
  // A timer started now may ring in this very turn of the timers; an immediate comes after the sockets.
  const { setImmediate: schedule }: LoopScheduler = globalThis;
  if (schedule === undefined) setTimeout(callback, 0);
  else schedule(callback);
};

/** A timer of any length. One that rings late gives way once, so that what has arrived meanwhile is read first. */
class SystemTimer {
  readonly #callback: () => void;
  readonly #dueAt: number;
  /** Undefined once it is stopped. */
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(callback: () => void, delayMs: number) {
    this.#callback = callback;
    // A whole number, as thousands of timers weigh: a fraction would be an object of its own.
    this.#dueAt = Math.ceil(performance.now() + delayMs);
    this.#timeout = startTimeout(this, delayMs);
  }

  ring(): void {
    const leftMs = this.#dueAt - performance.now();
    // Below that it is a coarse clock that stands a moment before the time its timer has waited for.
    if (leftMs > LATE_MS) this.#timeout = startTimeout(this, leftMs);
    else if (leftMs >= -LATE_MS) this.#callback();
    else {
      afterReading(() => {
        if (this.#timeout !== undefined) this.#callback();
      });
    }
  }

  stop(): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }
}

/** One function for all: a closure for each timer would weigh more than the timer. */
const ring = (timer: SystemTimer): void => {
  timer.ring();
};

const startTimeout = (timer: SystemTimer, delayMs: number): ReturnType<typeof setTimeout> =>
  setTimeout(ring, Math.min(delayMs, LONGEST_TIMER_MS), timer);

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

/** Makes a fresh identifier: a random UUID (RFC 9562 §5.4) in lower case. */
export type CreateId = () => string;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const fromRandomBytes = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x40);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const digits = Array.from(bytes, (byte) => HEX[byte]).join("");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join("-");
};

/** A random UUID. Browsers lack `crypto.randomUUID` on insecure origins; there it is made from random bytes. */
export const randomId: CreateId = () =>
  typeof crypto.randomUUID === "function" ? crypto.randomUUID() : fromRandomBytes();
