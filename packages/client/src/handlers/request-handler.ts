import { OptionError } from "../protocol/errors.ts";
import { orDefault } from "../protocol/option-names.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import { isRequestPayload } from "../protocol/payload.ts";
import type {
  HandlerDirection,
  HandlerResult,
  MessageHandlerOf,
  Process,
} from "./message-handler.ts";
import { checkHandlerOptions } from "./message-handler.ts";

/** Options of a request handler. */
export interface RequestHandlerOptions<Client> {
  readonly process: Process<Client, RequestPayload>;
  /** Let later handlers see the request too; default true. */
  readonly propagate?: boolean;
  /** `incoming`: requests that arrive; `outgoing`: requests before they are sent. Default `incoming`. */
  readonly direction?: HandlerDirection;
}

/**
 * Handles requests. An incoming one that makes it throw is answered: a `ResponseException` with its code,
 * anything else with 500. An outgoing one that makes it throw is not sent; `request()` rejects with the error.
 */
export class RequestHandlerBaseOf<Client> implements MessageHandlerOf<Client> {
  readonly propagate: boolean;
  readonly direction: HandlerDirection;
  readonly #process: Process<Client, RequestPayload>;

  constructor(options: RequestHandlerOptions<Client>) {
    checkHandlerOptions(options, ["propagate", "direction"]);
    this.#process = options.process;
    this.propagate = orDefault(options.propagate, true);
    this.direction = orDefault(options.direction, "incoming");
    if (this.direction !== "incoming" && this.direction !== "outgoing") {
      throw new OptionError("direction", this.direction, '"incoming" or "outgoing"');
    }
  }

  canHandle(_client: Client, _topic: string, payload: Payload): boolean {
    return isRequestPayload(payload);
  }

  handle(
    client: Client,
    topic: string,
    payload: Payload,
  ): HandlerResult | PromiseLike<HandlerResult> {
    return isRequestPayload(payload) ? this.#process(client, topic, payload) : undefined;
  }
}
