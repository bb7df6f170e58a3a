import type { Clock } from "../runtime/platform.ts";

/** The wait of a client that leaves, for the requests that it still handles. */
export class Drain {
  readonly #clock: Pick<Clock, "monotonicMs" | "startTimer">;
  #ended: Promise<void> | undefined;
  #resolve: (() => void) | undefined;
  #stopTimer: (() => void) | undefined;
  #endsAt = Infinity;

  constructor(clock: Pick<Clock, "monotonicMs" | "startTimer">) {
    this.#clock = clock;
  }

  /** While it lasts, no request is taken. */
  get isOn(): boolean {
    return this.#ended !== undefined;
  }

  /** Resolves when it ends; undefined while there is none. */
  get ended(): Promise<void> | undefined {
    return this.#ended;
  }

  /** Lasts for so long at most. Where it is on already, it can only become shorter: who is in a hurry counts. */
  begin(drainMs: number): void {
    const endsAt = this.#clock.monotonicMs() + drainMs;
    if (this.isOn && endsAt >= this.#endsAt) return;
    this.#endsAt = endsAt;
    this.#stopTimer?.();
    this.#ended ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#stopTimer = this.#clock.startTimer(() => {
      this.end();
    }, drainMs);
  }

  /** Ends it now. No effect while there is none. */
  end(): void {
    this.#stopTimer?.();
    this.#resolve?.();
    this.#stopTimer = undefined;
    this.#resolve = undefined;
    this.#ended = undefined;
    this.#endsAt = Infinity;
  }
}
