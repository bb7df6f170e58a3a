import type { Payload, RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import type { ResponseContext } from "../protocol/response-error.ts";
import { drive } from "./drive.ts";
import type { HandlerList } from "./handler-list.ts";
import type { MessageHandlerOf } from "./message-handler.ts";
import type { RunScene } from "./message-runs.ts";
import { generalSteps, outgoingSteps, requestSteps, responseSteps } from "./message-runs.ts";

/** Takes messages through the handlers, wherever these run. */
export interface MessageRunner {
  /** Whether there are handlers for messages that arrive. */
  readonly hasIncoming: boolean;
  /** Whether there are handlers for requests about to be sent. */
  readonly hasOutgoing: boolean;
  /** Resolves with, or rejects with, what the caller of `request()` gets. */
  runResponse(
    topic: string,
    response: ResponsePayload,
    context: ResponseContext,
  ): Promise<ResponsePayload>;
  /** Resolves with whether a handler wanted the request; rejects with what is to be answered. */
  runRequest(topic: string, request: RequestPayload): Promise<boolean>;
  /** Never rejects. */
  runGeneral(topic: string, payload: Payload): Promise<void>;
  /** Resolves with what the handlers made of the request; rejects with what one threw. */
  runOutgoing(topic: string, request: RequestPayload): Promise<Payload>;
}

/** What a {@link HandlerListRunner} works with. */
export interface HandlerListRunnerOptions<Client> extends Pick<
  RunScene<Client>,
  "client" | "onHandlerError"
> {
  readonly handlers: HandlerList<Client>;
}

/** Runs the handlers of a list, here. */
export class HandlerListRunner<Client> implements MessageRunner {
  readonly #options: HandlerListRunnerOptions<Client>;

  constructor(options: HandlerListRunnerOptions<Client>) {
    this.#options = options;
  }

  get hasIncoming(): boolean {
    return this.#options.handlers.incoming.length > 0;
  }

  get hasOutgoing(): boolean {
    return this.#options.handlers.outgoing.length > 0;
  }

  #scene(topic: string, handlers: readonly MessageHandlerOf<Client>[]): RunScene<Client> {
    const { client, onHandlerError } = this.#options;
    return { client, topic, handlers, onHandlerError };
  }

  runResponse(
    topic: string,
    response: ResponsePayload,
    context: ResponseContext,
  ): Promise<ResponsePayload> {
    const scene = this.#scene(topic, this.#options.handlers.incoming);
    return drive(responseSteps(scene, response, context));
  }

  runRequest(topic: string, request: RequestPayload): Promise<boolean> {
    return drive(requestSteps(this.#scene(topic, this.#options.handlers.incoming), request));
  }

  runGeneral(topic: string, payload: Payload): Promise<void> {
    return drive(generalSteps(this.#scene(topic, this.#options.handlers.incoming), payload));
  }

  runOutgoing(topic: string, request: RequestPayload): Promise<Payload> {
    return drive(outgoingSteps(this.#scene(topic, this.#options.handlers.outgoing), request));
  }
}
