/** What an abort calls: a function, or an object that needs no function of its own for it. */
export type AbortListener = (() => void) | { handleEvent(): void };

/** As much of an `AbortSignal` as a wait needs. */
export interface AbortSource {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: AbortListener): void;
  removeEventListener(type: "abort", listener: AbortListener): void;
}

/** One signal with any number of listeners behind a single one: runtimes warn of a leak from the eleventh on. */
class SharedSignal implements AbortSource {
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<AbortListener>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  get reason(): unknown {
    const reason: unknown = this.#signal.reason;
    return reason;
  }

  throwIfAborted(): void {
    this.#signal.throwIfAborted();
  }

  addEventListener(_type: "abort", listener: AbortListener): void {
    if (this.#listeners.size === 0) this.#signal.addEventListener("abort", this.#onAbort);
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: AbortListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#signal.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    for (const listener of [...this.#listeners]) {
      if (typeof listener === "function") listener();
      else listener.handleEvent();
    }
  };
}

/** The signals given to the calls of one client, each listened to once however many calls share it. */
export class SharedSignals {
  readonly #known = new WeakMap<AbortSignal, SharedSignal>();

  of(signal: AbortSignal): AbortSource {
    const known = this.#known.get(signal) ?? new SharedSignal(signal);
    this.#known.set(signal, known);
    return known;
  }
}
