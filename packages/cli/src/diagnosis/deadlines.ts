/** Something has not come in time. */
export class TooLate extends Error {
  static {
    this.prototype.name = "TooLate";
  }

  constructor(ms: number) {
    super(`no answer within ${String(Math.round(ms))} ms`);
  }
}

/**
 * Signals that fire after a time, or when one above all fires. Not those of `AbortSignal.any`, which on Node 20 may be
 * collected as garbage together with their timer while somebody still waits for them.
 */
export class Deadlines implements Disposable {
  readonly #ends = new Set<(reason: unknown) => void>();
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => {
    for (const end of this.#ends) end(this.#signal.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort);
  }

  after(ms: number): AbortSignal {
    const controller = new AbortController();
    const end = (reason: unknown): void => {
      clearTimeout(timer);
      this.#ends.delete(end);
      controller.abort(reason);
    };
    const timer = setTimeout(() => {
      end(new TooLate(ms));
    }, ms);
    this.#ends.add(end);
    if (this.#signal.aborted) end(this.#signal.reason);
    return controller.signal;
  }

  /** Ends whatever is left. */
  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    for (const end of this.#ends) end(new TooLate(0));
  }
}

/** Rejects with the signal's reason when it fires. */
export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const fail = (): void => {
      reject(signal.reason);
    };
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
