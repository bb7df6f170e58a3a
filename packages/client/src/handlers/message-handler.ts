import { OptionError } from "../errors/input-errors.ts";
import { refuseUnknownOptions } from "../options/checks.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";

/** What a handler gives back: a payload that replaces the one it got, or nothing to leave it as it is. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- a handler without a return statement is the usual one
export type HandlerResult = Payload | null | undefined | void;

/** The same from a handler that may be asynchronous. */
export type AnyHandlerResult = HandlerResult | PromiseLike<HandlerResult>;

/** Whether a request handler sees requests that arrive or requests about to be sent. */
export type HandlerDirection = "incoming" | "outgoing";

/** What is known of a message beside what it says. */
export interface Arrival {
  /** How long its sender still waits, in ms, as of now; undefined where it does not say (MQTT 5 §3.3.2.3.3). */
  readonly remainingMs: number | undefined;
}

/** What a handler does with a message, sync or async. Of requests that arrive, it learns how long they are wanted. */
export type Process<
  Client,
  Message extends Payload = Payload,
  Result extends AnyHandlerResult = AnyHandlerResult,
> = (client: Client, topic: string, ...message: [payload: Message, arrival?: Arrival]) => Result;

/** What a handler gets of a message: its payload, and of a request that arrives, what is known beside that. */
export type ArrivedMessage = [payload: Payload, arrival?: Arrival];

/** One link of the chain that every message passes. Any object of this shape can be added to a client. */
export interface MessageHandlerOf<Client> {
  /** Whether this handler wants the message. */
  canHandle(client: Client, topic: string, payload: Payload): boolean;
  /** Does the work. A payload that it returns replaces the message for the handlers after it. */
  handle(client: Client, topic: string, ...message: ArrivedMessage): AnyHandlerResult;
  /** `false`: the chain ends after this handler has handled a message. */
  readonly propagate: boolean;
  /** `outgoing`: sees requests before they are sent, and nothing else. Default `incoming`. */
  readonly direction?: HandlerDirection;
  /** For responses: raise error codes before `handle`, and pass what it throws to the caller of `request()`. Default false. */
  readonly raiseExceptions?: boolean;
}

/** Options of a handler for any message. */
export interface MessageHandlerOptions<Client, Result extends AnyHandlerResult = AnyHandlerResult> {
  /**
   * Which messages to handle.
   * @default all messages that arrive
   */
  readonly canHandle?: (client: Client, topic: string, payload: Payload) => boolean;
  readonly process: Process<Client, Payload, Result>;
  /**
   * Let later handlers see the message too.
   * @default true
   */
  readonly propagate?: boolean;
  /**
   * As in {@link MessageHandlerOf.raiseExceptions}.
   * @default false
   */
  readonly raiseExceptions?: boolean;
}

/** Options of a request handler. */
export interface RequestHandlerOptions<Client, Result extends AnyHandlerResult = AnyHandlerResult> {
  readonly process: Process<Client, RequestPayload, Result>;
  /**
   * Let later handlers see the request too.
   * @default true
   */
  readonly propagate?: boolean;
  /**
   * `incoming`: requests that arrive; `outgoing`: requests before they are sent.
   * @default "incoming"
   */
  readonly direction?: HandlerDirection;
}

/** Options of a response handler. */
export interface ResponseHandlerOptions<
  Client,
  Result extends AnyHandlerResult = AnyHandlerResult,
> {
  readonly process: Process<Client, ResponsePayload, Result>;
  /**
   * Let later handlers, and the default one that raises error codes, see the response too.
   * @default true
   */
  readonly propagate?: boolean;
  /**
   * `true`: an error code becomes its typed exception before `process` runs, and whatever is thrown
   * rejects the `request()`. `false`: `process` sees error codes too; what it throws is logged and the
   * chain goes on.
   * @default true
   */
  readonly raiseExceptions?: boolean;
}

/** The options of all handlers, before they are checked. */
interface AnyHandlerOptions {
  readonly process: unknown;
  readonly canHandle?: unknown;
  readonly propagate?: unknown;
  readonly raiseExceptions?: unknown;
  readonly direction?: unknown;
}

const kindOf = (value: unknown): string => Object.prototype.toString.call(value);

/** Nobody would run what it gives. */
const isGenerator = (value: unknown): boolean =>
  kindOf(value) === "[object GeneratorFunction]" ||
  kindOf(value) === "[object AsyncGeneratorFunction]";

/**
 * Refuses what is certain to give a promise where nobody can wait for one. A function that may give one is
 * found out when it does.
 *
 * @throws {OptionError} it is an async function.
 */
export const refuseAsync = (option: string, given: unknown): void => {
  if (kindOf(given) !== "[object AsyncFunction]") return;
  const expected =
    "a plain function: leave out async and await, the calls of a SyncMQTTClient block; or use MQTTClient";
  throw new OptionError(option, "(an async function)", expected);
};

/** Checks what callers without types can get wrong, when the handler is made and not when a message comes. */
export const checkHandlerOptions = (
  options: AnyHandlerOptions,
  names: readonly (keyof AnyHandlerOptions)[],
): void => {
  refuseUnknownOptions(options, new Set<string>(["process", ...names]), "a handler");
  const { process, canHandle = process, propagate = true, raiseExceptions = true } = options;
  if (typeof process !== "function") throw new OptionError("process", process, "a function");
  if (isGenerator(process)) {
    throw new OptionError("process", "(a generator function)", "a plain or an async function");
  }
  if (typeof canHandle !== "function") throw new OptionError("canHandle", canHandle, "a function");
  for (const [option, value] of Object.entries<unknown>({ propagate, raiseExceptions })) {
    if (typeof value !== "boolean") throw new OptionError(option, value, "true or false");
  }
};
