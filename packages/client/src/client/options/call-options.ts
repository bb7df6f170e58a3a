import { OptionError } from "../../errors/input-errors.ts";
import type { QoS } from "../../transport/transport.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { MethodInput } from "../../protocol/method.ts";
import type { ResponseCode } from "../../errors/response-code.ts";
import { orDefault, DURATION_MS, signalValue, wholeNumber } from "../../options/checks.ts";
import { GatewayTimeoutResponse } from "../../errors/error-responses.ts";
import type { RetryOptions } from "../retry.ts";
import type { Clock } from "../../runtime/platform.ts";
import type { Deadline } from "../../runtime/deadline.ts";
import type { SharedSignals } from "../../runtime/shared-signals.ts";

/** Returns `value` if it is a quality of service. */
export const qosValue = (option: string, value: unknown): QoS => {
  if (value === 0 || value === 1 || value === 2) return value;
  throw new OptionError(option, value, "0, 1 or 2");
};

/** Options that end a wait. */
export interface WaitOptions {
  /**
   * Longest wait in ms, counted from the call.
   * @default the client's `timeoutMs`
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Ends the wait; the call rejects with the signal's reason.
   * @default none
   */
  readonly signal?: AbortSignal | undefined;
}

/** What a request may say beside whom it asks for what. */
export interface ResourceOptions<
  Schema extends StandardSchemaV1 = StandardSchemaV1,
> extends WaitOptions {
  /**
   * Any JSON value.
   * @default null
   */
  readonly body?: unknown;
  /**
   * An authentication token for the device.
   * @default none
   */
  readonly token?: string | undefined;
  /**
   * Groups the requests of a batch: a UUID, or 32 hexadecimal digits.
   * @default none
   */
  readonly correlationId?: string | undefined;
  /**
   * QoS of the request and of its response's subscription.
   * @default the client's `qosDefault`
   */
  readonly qos?: QoS | undefined;
  /**
   * Sends the request again, with the same id, while no answer comes, or 503, all within `timeoutMs`: a number of attempts, or how
   * they are made. Set here, it holds for POST, too: a device of this library carries a repeat out once, others may do so twice.
   * @default the client's `retry` for GET, PUT and DELETE; POST is sent once
   */
  readonly retry?: RetryOptions | number | false | undefined;
  /**
   * Checks the body of a success response and gives it its type: any Standard Schema (zod, valibot, arktype).
   * @default none: the body is `unknown`
   */
  readonly schema?: Schema | undefined;
}

/** A request: whom to ask for what, and how. */
export interface RequestOptions<
  Schema extends StandardSchemaV1 = StandardSchemaV1,
> extends ResourceOptions<Schema> {
  /** Identifier of the device. */
  readonly targetDeviceTag: string;
  /** Part of the device that serves the resource. */
  readonly subsystem: string;
  /** The resource, for instance `gains`. */
  readonly path: string;
  /** @default "GET" */
  readonly method?: MethodInput | undefined;
}

/** How to publish. */
export interface PublishOptions extends WaitOptions {
  /** @default the client's `qosDefault` */
  readonly qos?: QoS | undefined;
  /**
   * Let the broker keep the message for later subscribers (MQTT 5 §3.3.1.3).
   * @default false
   */
  readonly retain?: boolean | undefined;
}

/** What to answer to a request. */
export interface RespondOptions extends WaitOptions {
  /**
   * One of the 21 codes.
   * @default 205 (Content)
   */
  readonly code?: ResponseCode | undefined;
  /**
   * Any JSON value.
   * @default null
   */
  readonly body?: unknown;
  /**
   * Where a created resource is, with 201 (RFC 7252 §5.10.7).
   * @default none
   */
  readonly location?: string | undefined;
  /**
   * Further fields of the response's header. The ids, `path`, `source` and `response_code` are set anyway.
   * @default none
   */
  readonly header?: Readonly<Record<string, unknown>> | undefined;
  /** @default the client's `qosDefault` */
  readonly qos?: QoS | undefined;
}

/** How to subscribe. */
export interface SubscribeOptions extends WaitOptions {
  /**
   * Highest QoS at which messages are wanted.
   * @default the client's `qosDefault`
   */
  readonly qos?: QoS | undefined;
}

const RESOURCE_OPTIONS = [
  "body",
  "token",
  "correlationId",
  "qos",
  "retry",
  "schema",
  "timeoutMs",
  "signal",
];

/** Every option of a resource method of a device handle. */
export const RESOURCE_OPTION_NAMES: ReadonlySet<string> = new Set(RESOURCE_OPTIONS);
/** The same where the body is given beside the options. */
export const BODY_OPTION_NAMES: ReadonlySet<string> = new Set(
  RESOURCE_OPTIONS.filter((option) => option !== "body"),
);
/** Every option of `request()`. */
export const REQUEST_OPTION_NAMES: ReadonlySet<string> = new Set([
  "targetDeviceTag",
  "subsystem",
  "path",
  "method",
  ...RESOURCE_OPTIONS,
]);
/** Every option of `publish()`. */
export const PUBLISH_OPTION_NAMES: ReadonlySet<string> = new Set([
  "qos",
  "retain",
  "timeoutMs",
  "signal",
]);
/** Every option of `respond()`. */
export const RESPOND_OPTION_NAMES: ReadonlySet<string> = new Set([
  "code",
  "body",
  "location",
  "header",
  "qos",
  "timeoutMs",
  "signal",
]);
/** Every option of `subscribe()`. */
export const SUBSCRIBE_OPTION_NAMES: ReadonlySet<string> = new Set(["qos", "timeoutMs", "signal"]);
/** Every option of `connect()` and `unsubscribe()`. */
export const WAIT_OPTION_NAMES: ReadonlySet<string> = new Set(["timeoutMs", "signal"]);

/** The settings that decide when a call gives up. */
interface CallSettings {
  readonly clock: Clock;
  readonly signals: SharedSignals;
  /** Where a call names none. */
  readonly timeoutMs: number;
}

type CreateError = (timeoutMs: number, why: Error | undefined) => Error;

interface CallTerms {
  readonly timeoutMs: number;
  readonly signal: Deadline["signal"];
  readonly createError: CreateError;
}

/**
 * The deadline of a call. A class, as thousands of requests in flight keep one each: a closure over its terms
 * would weigh more. So it must not be spread; `Object.assign()` adds to it.
 */
export class CallDeadline implements Deadline {
  readonly clock: Clock;
  readonly expiresAt: number;
  readonly signal: Deadline["signal"];
  readonly #timeoutMs: number;
  readonly #createError: CreateError;

  constructor(clock: Clock, { timeoutMs, signal, createError }: CallTerms) {
    this.clock = clock;
    // A fraction would be an object of its own.
    this.expiresAt = Math.ceil(clock.monotonicMs()) + timeoutMs;
    this.signal = signal;
    this.#timeoutMs = timeoutMs;
    this.#createError = createError;
  }

  timeoutError(why?: Error): Error {
    return this.#createError(this.#timeoutMs, why);
  }
}

/**
 * When a call gives up, counted from now.
 *
 * @param timeoutError - makes the error of a call that took longer than the given number of ms; `why`
 *   tells what kept its link from coming about, where it waited for one to the end.
 */
export const callDeadline = (
  { clock, signals, timeoutMs: defaultMs }: CallSettings,
  options: WaitOptions,
  timeoutError: CreateError,
): CallDeadline => {
  const timeoutMs = wholeNumber("timeoutMs", orDefault(options.timeoutMs, defaultMs), DURATION_MS);
  const signal = signalValue(options.signal);
  const source = signal === undefined ? undefined : signals.of(signal);
  return new CallDeadline(clock, { timeoutMs, signal: source, createError: timeoutError });
};

/** The same for a call that ends in {@link GatewayTimeoutResponse}, naming what it was to do. */
export const operationDeadline = (
  settings: CallSettings & { readonly identifier: string },
  options: WaitOptions,
  operation: string,
): Deadline =>
  callDeadline(settings, options, (timeoutMs, cause) => {
    const detail = `could not ${operation} within ${String(timeoutMs)} ms`;
    return new GatewayTimeoutResponse(detail, { source: settings.identifier, cause });
  });
