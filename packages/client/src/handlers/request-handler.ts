import { OptionError } from "../errors/input-errors.ts";
import { orDefault } from "../options/option-names.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import { isRequestOn } from "../protocol/payload.ts";
import type {
  HandlerDirection,
  AnyHandlerResult,
  MessageHandlerOf,
  Process,
} from "./message-handler.ts";
import { checkHandlerOptions } from "./message-handler.ts";

/** Options of a request handler. */
export interface RequestHandlerOptions<Client, Result extends AnyHandlerResult = AnyHandlerResult> {
  readonly process: Process<Client, RequestPayload, Result>;
  /** Let later handlers see the request too; default true. */
  readonly propagate?: boolean;
  /** `incoming`: requests that arrive; `outgoing`: requests before they are sent. Default `incoming`. */
  readonly direction?: HandlerDirection;
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

  handle(client: Client, topic: string, payload: Payload): Result | undefined {
    return isRequestOn(topic, payload) ? this.#process(client, topic, payload) : undefined;
  }
}
