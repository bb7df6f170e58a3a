import { OptionError } from "../errors/input-errors.ts";
import { orDefault, refuseUnknownOptions } from "../options/option-names.ts";
import type { Payload } from "../protocol/payload.ts";

/** What a handler gives back: a payload that replaces the one it got, or nothing to leave it as it is. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- a handler without a return statement is the usual one
export type HandlerResult = Payload | null | undefined | void;

/** The same from a handler that may be asynchronous. */
export type AnyHandlerResult = HandlerResult | PromiseLike<HandlerResult>;

/** Whether a request handler sees requests that arrive or requests about to be sent. */
export type HandlerDirection = "incoming" | "outgoing";

/** What a handler does with a message, sync or async. */
export type Process<
  Client,
  Message extends Payload = Payload,
  Result extends AnyHandlerResult = AnyHandlerResult,
> = (client: Client, topic: string, payload: Message) => Result;

/** One link of the chain that every message passes. Any object of this shape can be added to a client. */
export interface MessageHandlerOf<Client> {
  /** Whether this handler wants the message. */
  canHandle(client: Client, topic: string, payload: Payload): boolean;
  /** Does the work. A payload that it returns replaces the message for the handlers after it. */
  handle(client: Client, topic: string, payload: Payload): AnyHandlerResult;
  /** `false`: the chain ends after this handler has handled a message. */
  readonly propagate: boolean;
  /** `outgoing`: sees requests before they are sent, and nothing else. Default `incoming`. */
  readonly direction?: HandlerDirection;
  /** For responses: raise error codes before `handle`, and pass what it throws to the caller of `request()`. Default false. */
  readonly raiseExceptions?: boolean;
}

/** Options of a handler for any message. */
export interface MessageHandlerOptions<Client, Result extends AnyHandlerResult = AnyHandlerResult> {
  /** Which messages to handle; default: all that arrive. */
  readonly canHandle?: (client: Client, topic: string, payload: Payload) => boolean;
  readonly process: Process<Client, Payload, Result>;
  /** Let later handlers see the message too; default true. */
  readonly propagate?: boolean;
  /** As in {@link MessageHandlerOf.raiseExceptions}; default false. */
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

/** Checks what callers without types can get wrong, when the handler is made and not when a message comes. */
export const checkHandlerOptions = (
  options: AnyHandlerOptions,
  names: readonly (keyof AnyHandlerOptions)[],
): void => {
  refuseUnknownOptions(options, new Set<string>(["process", ...names]), "a handler");
  const { process, canHandle = process, propagate = true, raiseExceptions = true } = options;
  if (typeof process !== "function") throw new OptionError("process", process, "a function");
  if (typeof canHandle !== "function") throw new OptionError("canHandle", canHandle, "a function");
  for (const [option, value] of Object.entries<unknown>({ propagate, raiseExceptions })) {
    if (typeof value !== "boolean") throw new OptionError(option, value, "true or false");
  }
};

/** Handles whatever its `canHandle` accepts: requests, responses and general messages. */
export class MessageHandlerBaseOf<
  Client,
  Result extends AnyHandlerResult = AnyHandlerResult,
> implements MessageHandlerOf<Client> {
  readonly propagate: boolean;
  readonly raiseExceptions: boolean;
  readonly #canHandle: (client: Client, topic: string, payload: Payload) => boolean;
  readonly #process: Process<Client, Payload, Result>;

  constructor(options: MessageHandlerOptions<Client, Result>) {
    checkHandlerOptions(options, ["canHandle", "propagate", "raiseExceptions"]);
    this.#canHandle = orDefault(options.canHandle, () => true);
    this.#process = options.process;
    this.propagate = orDefault(options.propagate, true);
    this.raiseExceptions = orDefault(options.raiseExceptions, false);
  }

  canHandle(client: Client, topic: string, payload: Payload): boolean {
    return this.#canHandle(client, topic, payload);
  }

  handle(client: Client, topic: string, payload: Payload): Result {
    return this.#process(client, topic, payload);
  }
}
