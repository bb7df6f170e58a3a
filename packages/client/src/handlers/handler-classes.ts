import { OptionError } from "../errors/input-errors.ts";
import { orDefault } from "../options/checks.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import { isRequestOn, isResponseOn } from "../protocol/payload-kind.ts";
import type {
  AnyHandlerResult,
  ArrivedMessage,
  HandlerDirection,
  MessageHandlerOf,
  MessageHandlerOptions,
  Process,
  RequestHandlerOptions,
  ResponseHandlerOptions,
} from "./message-handler.ts";
import { checkHandlerOptions } from "./message-handler.ts";

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

  handle(client: Client, topic: string, ...message: ArrivedMessage): Result {
    return this.#process(client, topic, ...message);
  }
}

/**
 * Handles requests. An incoming one that makes it throw is answered: a `ResponseException` with its code,
 * anything else with 500. An outgoing one that makes it throw is not sent; `request()` rejects with the error.
 */
export class RequestHandlerBaseOf<
  Client,
  Result extends AnyHandlerResult = AnyHandlerResult,
> implements MessageHandlerOf<Client> {
  readonly propagate: boolean;
  readonly direction: HandlerDirection;
  readonly #process: Process<Client, RequestPayload, Result>;

  constructor(options: RequestHandlerOptions<Client, Result>) {
    checkHandlerOptions(options, ["propagate", "direction"]);
    this.#process = options.process;
    this.propagate = orDefault(options.propagate, true);
    this.direction = orDefault(options.direction, "incoming");
    if (this.direction !== "incoming" && this.direction !== "outgoing") {
      throw new OptionError("direction", this.direction, '"incoming" or "outgoing"');
    }
  }

  canHandle(_client: Client, topic: string, payload: Payload): boolean {
    return isRequestOn(topic, payload);
  }

  handle(
    client: Client,
    topic: string,
    ...[payload, ...known]: ArrivedMessage
  ): Result | undefined {
    return isRequestOn(topic, payload)
      ? this.#process(client, topic, payload, ...known)
      : undefined;
  }
}

/** Handles responses before the caller of `request()` gets them. */
export class ResponseHandlerBaseOf<
  Client,
  Result extends AnyHandlerResult = AnyHandlerResult,
> implements MessageHandlerOf<Client> {
  readonly propagate: boolean;
  readonly raiseExceptions: boolean;
  readonly #process: Process<Client, ResponsePayload, Result>;

  constructor(options: ResponseHandlerOptions<Client, Result>) {
    checkHandlerOptions(options, ["propagate", "raiseExceptions"]);
    this.#process = options.process;
    this.propagate = orDefault(options.propagate, true);
    this.raiseExceptions = orDefault(options.raiseExceptions, true);
  }

  canHandle(_client: Client, topic: string, payload: Payload): boolean {
    return isResponseOn(topic, payload);
  }

  handle(client: Client, topic: string, ...[payload]: ArrivedMessage): Result | undefined {
    return isResponseOn(topic, payload) ? this.#process(client, topic, payload) : undefined;
  }
}
