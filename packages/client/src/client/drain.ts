import { DURATION_MS, orDefault, refuseUnknownOptions, wholeNumber } from "../options/checks.ts";
import type { Clock } from "../runtime/platform.ts";

/** How to leave. */
export interface DisconnectOptions {
  /**
   * Longest time in ms for requests that were taken to be answered; it ends as soon as they are. Later requests
   * are answered 503 meanwhile. 0: leave at once.
   * @default 1000, or 0 where no handler for incoming messages was added
   */
  readonly drainMs?: number | undefined;
}

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof DisconnectOptions>(["drainMs"]);

/** What running handlers get to answer, by default. */
const DRAIN_MS = 1_000;

/**
 * How long to drain.
 *
 * @throws {OptionError} there is another option, or this one has a value that it cannot have.
 */
export const readDrainMs = (options: DisconnectOptions, isServing: boolean): number => {
  refuseUnknownOptions(options, OPTION_NAMES, "disconnect()");
  const whenAbsent = isServing ? DRAIN_MS : 0;
  return wholeNumber("drainMs", orDefault(options.drainMs, whenAbsent), { ...DURATION_MS, min: 0 });
};

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
