import { orDefault } from "../options/option-names.ts";
import type { Payload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { isResponseOn } from "../protocol/payload.ts";
import type { AnyHandlerResult, MessageHandlerOf, Process } from "./message-handler.ts";
import { checkHandlerOptions } from "./message-handler.ts";

/** Options of a response handler. */
export interface ResponseHandlerOptions<
  Client,
  Result extends AnyHandlerResult = AnyHandlerResult,
> {
  readonly process: Process<Client, ResponsePayload, Result>;
  /** Let later handlers, and the default one that raises error codes, see the response too; default true. */
  readonly propagate?: boolean;
  /**
   * `true`: an error code becomes its typed exception before `process` runs, and whatever is thrown
   * rejects the `request()`. `false`: `process` sees error codes too; what it throws is logged and the
   * chain goes on. Default true.
   */
  readonly raiseExceptions?: boolean;
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

  handle(client: Client, topic: string, payload: Payload): Result | undefined {
    return isResponseOn(topic, payload) ? this.#process(client, topic, payload) : undefined;
  }
}
