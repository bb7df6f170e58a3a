import { GatewayTimeoutResponse } from "../errors/error-responses.ts";
import type { Clock } from "../runtime/platform.ts";
import type { RequestTime } from "./resource-context.ts";

/** The time that the handlers of one request have. Nothing is started before somebody waits or asks. */
export class HandlerTime implements RequestTime {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #expiresAt: number;
  #abort: AbortController | undefined;

  /** @param timeoutMs - counted from now; `Infinity`: there is no end. */
  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#expiresAt = clock.monotonicMs() + timeoutMs;
  }

  remainingMs(): number {
    return Math.max(0, this.#expiresAt - this.#clock.monotonicMs());
  }

  signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.remainingMs() === 0) this.#abort.abort(this.#error());
    return this.#abort.signal;
  }

  #error(): GatewayTimeoutResponse {
    return new GatewayTimeoutResponse(`no result within ${String(this.#timeoutMs)} ms`);
  }

  /**
   * What the handlers give, if they do within the time.
   *
   * @throws {GatewayTimeoutResponse} they do not; what comes of them later is dropped.
   */
  within<Outcome>(outcome: Promise<Outcome>): Promise<Outcome> {
    if (this.#timeoutMs === Infinity) return outcome;
    return new Promise((resolve, reject) => {
      const stop = this.#clock.startTimer(() => {
        const error = this.#error();
        this.#abort?.abort(error);
        reject(error);
      }, this.remainingMs());
      outcome.then(
        (value) => {
          stop();
          resolve(value);
        },
        (error: unknown) => {
          stop();
          reject(
            error instanceof Error
              ? error
              : new Error("a handler threw no error", { cause: error }),
          );
        },
      );
    });
  }
}
