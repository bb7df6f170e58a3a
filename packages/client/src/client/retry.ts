import { LinkLostError } from "../errors/connection-errors.ts";
import { OptionError } from "../errors/input-errors.ts";
import { ResponseCode } from "../errors/response-code.ts";
import type { Delivery } from "../errors/response-exception.ts";
import type { RequestDeadline } from "../exchange/request-in-flight.ts";
import { DURATION_MS, orDefault, refuseUnknownOptions, wholeNumber } from "../options/checks.ts";
import type { Method } from "../protocol/method.ts";
import type { Clock } from "../runtime/platform.ts";
import { remainingMs, throwIfReached } from "../runtime/deadline.ts";
import type { AbortSource } from "../runtime/shared-signals.ts";

/** How a request is sent again while no answer comes. All of it happens within the request's `timeoutMs`. */
export interface RetryOptions {
  /**
   * How often the request is sent at most, the first time included.
   * @default 3
   */
  readonly attempts?: number | undefined;
  /**
   * How long the first attempt waits for its answer, in ms; up to half as much on top of it at random, and twice as long with
   * each attempt (RFC 7252 §4.2). The last one waits until the request's deadline.
   * @default so that all attempts have their time within `timeoutMs`, from 100 to 1000
   */
  readonly minDelayMs?: number | undefined;
  /**
   * Bound of these waits, in ms.
   * @default 10000
   */
  readonly maxDelayMs?: number | undefined;
}

/** The same once checked; undefined: a request is sent once. */
export type RetryPlan =
  | {
      readonly attempts: number;
      /** Undefined: as the time of the request allows. */
      readonly minDelayMs: number | undefined;
      readonly maxDelayMs: number;
    }
  | undefined;

const OPTION_NAMES: ReadonlySet<string> = new Set(["attempts", "minDelayMs", "maxDelayMs"]);
const ATTEMPTS = { min: 1, max: 1_000 };
/** Between them is what the first attempt waits if nothing is said of it. */
const DEFAULT_DELAY_MS = { min: 100, max: 1_000 };
/** Takes 1 ms past the longest timer. */
const MOST_DOUBLINGS = 31;
/** What is safe to carry out twice (RFC 7252 §5.1), so that it may be sent again unasked. */
const IDEMPOTENT: ReadonlySet<Method> = new Set(["GET", "PUT", "DELETE"]);

/**
 * Reads the option `retry`, a number of attempts or an object.
 *
 * @throws {OptionError} it is neither, or holds what it cannot hold.
 */
export const readRetry = (retry: unknown): RetryPlan => {
  if (retry === undefined || retry === false) return undefined;
  if (typeof retry !== "number" && (typeof retry !== "object" || retry === null)) {
    throw new OptionError(
      "retry",
      retry,
      "false, a number of attempts, or an object with attempts",
    );
  }
  const given: RetryOptions = typeof retry === "number" ? { attempts: retry } : retry;
  refuseUnknownOptions(given, OPTION_NAMES, "retry");
  const minDelayMs =
    given.minDelayMs === undefined
      ? undefined
      : wholeNumber("retry.minDelayMs", given.minDelayMs, DURATION_MS);
  return {
    attempts: wholeNumber("retry.attempts", orDefault(given.attempts, 3), ATTEMPTS),
    minDelayMs,
    maxDelayMs: wholeNumber(
      "retry.maxDelayMs",
      orDefault(given.maxDelayMs, Math.max(10_000, minDelayMs ?? 0)),
      { ...DURATION_MS, min: minDelayMs ?? DURATION_MS.min },
    ),
  };
};

/** What the first attempt waits so that all of them, each twice as long as the one before, fit into the time there is. */
const fittingDelayMs = (attempts: number, timeoutMs: number): number => {
  const { min, max } = DEFAULT_DELAY_MS;
  return Math.min(max, Math.max(min, timeoutMs / (2 ** Math.min(attempts, MOST_DOUBLINGS) - 1)));
};

/** The plan of one request: its own, or that of the client, which leaves out what is not safe to carry out twice. */
export const planOf = (own: unknown, ofClient: RetryPlan, method: Method): RetryPlan => {
  if (own !== undefined) return readRetry(own);
  return IDEMPOTENT.has(method) ? ofClient : undefined;
};

/** An attempt has waited long enough; never leaves this file. */
class AttemptOver extends Error {}

/** The end of one attempt. How far its request came counts for the whole. */
class AttemptDeadline implements RequestDeadline {
  readonly clock: Clock;
  readonly expiresAt: number;
  /** An answer to this attempt is one to the next, too. */
  readonly usefulUntil: number;
  readonly signal: AbortSource | undefined;
  readonly #whole: RequestDeadline;

  constructor(whole: RequestDeadline, waitMs: number) {
    this.clock = whole.clock;
    this.expiresAt = Math.min(whole.expiresAt, whole.clock.monotonicMs() + waitMs);
    this.usefulUntil = whole.expiresAt;
    this.signal = whole.signal;
    this.#whole = whole;
  }

  get delivery(): Delivery {
    return this.#whole.delivery;
  }

  set delivery(delivery: Delivery) {
    // What one attempt has reached, the next one does not undo.
    if (this.#whole.delivery !== "acknowledged") this.#whole.delivery = delivery;
  }

  timeoutError(why?: Error): Error {
    return this.expiresAt < this.#whole.expiresAt
      ? new AttemptOver("no answer to this attempt", { cause: why })
      : this.#whole.timeoutError(why);
  }
}

/** By its code: where handlers of another thread threw it, it is no such class here. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof Error &&
  "responseCode" in error &&
  error.responseCode === ResponseCode.SERVICE_UNAVAILABLE;

const isWorthAnother = (error: unknown): boolean =>
  error instanceof AttemptOver ||
  isUnavailable(error) ||
  (error instanceof LinkLostError && !error.isOverThisCall);

/** What sending a request again takes. */
export interface Retrying<Response> {
  readonly plan: NonNullable<RetryPlan>;
  readonly deadline: RequestDeadline;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Sends the request and waits for its answer until the deadline of the attempt. */
  readonly send: (deadline: RequestDeadline) => Promise<Response>;
  /** Waits for the link, where there is none; rejects as `send` does. An attempt that cannot be sent is none. */
  readonly ready: () => Promise<unknown> | undefined;
  /** Waits for so many ms; rejects where the request is given up meanwhile. */
  readonly pause: (delayMs: number) => Promise<void>;
}

/** Sends a request until there is an answer, the attempts are used up, or its deadline is reached. */
export const sendRepeatedly = async <Response>({
  plan,
  deadline,
  random,
  send,
  ready,
  pause,
}: Retrying<Response>): Promise<Response> => {
  const { attempts, maxDelayMs } = plan;
  const minDelayMs = plan.minDelayMs ?? fittingDelayMs(attempts, remainingMs(deadline));
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    const boundMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(attempt - 1, MOST_DOUBLINGS));
    const waitMs = boundMs * (1 + random() / 2);
    const link = ready();
    if (link !== undefined) await link;
    const startedAt = deadline.clock.monotonicMs();
    try {
      return await send(new AttemptDeadline(deadline, waitMs));
    } catch (error) {
      throwIfReached(deadline);
      if (!isWorthAnother(error)) throw error;
      // After an answer that came soon, 503, the same time passes as without one.
      const leftMs = waitMs - (deadline.clock.monotonicMs() - startedAt);
      if (leftMs >= remainingMs(deadline)) throw error;
      if (leftMs > 0) await pause(leftMs);
    }
  }
  return send(new AttemptDeadline(deadline, Infinity));
};
