import type { Exchange } from "../exchange/exchange.ts";
import type { UnwantedResponse } from "../exchange/pending-requests.ts";
import type { RequestInFlight } from "../exchange/request-in-flight.ts";
import type { MessageHandlerOf } from "../handlers/message-handler.ts";
import { runChain } from "../handlers/chain.ts";
import { readArriving } from "../protocol/arriving.ts";
import { findInexactInteger } from "../protocol/inexact-integer.ts";
import { decodeUtf8, parseJson } from "../protocol/json-decode.ts";
import type { Payload, ResponsePayload } from "../protocol/payload.ts";
import { isJsonObject } from "../protocol/payload.ts";
import { isSuccess } from "../protocol/response-code.ts";
import type { ResponseException } from "../protocol/response-exception.ts";
import { responseExceptionFrom } from "../protocol/response-error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { IncomingMessage } from "../transport/transport.ts";
import type { RequestDesk } from "./request-desk.ts";
import type { Counters } from "./statistics.ts";
import { WorkQueue } from "./work-queue.ts";

/** What the inbox of a client works with. */
export interface InboxOptions<Client> {
  readonly client: Client;
  readonly exchange: Exchange;
  readonly desk: RequestDesk<Client>;
  readonly handlers: () => readonly MessageHandlerOf<Client>[];
  /** Whether the user of the client has subscribed to this topic. */
  readonly isSubscribed: (topic: string) => boolean;
  readonly counters: Counters;
  readonly logger: Logger | undefined;
  readonly maxConcurrentRequests: number;
  readonly maxQueuedRequests: number;
}

interface ResponseRun<Client> {
  readonly topic: string;
  readonly response: ResponsePayload;
  readonly handlers: readonly MessageHandlerOf<Client>[];
}

const COUNTER_OF = {
  duplicate: "duplicateResponses",
  late: "lateResponses",
  stranger: "strangerResponses",
} as const satisfies Record<UnwantedResponse, keyof Counters>;

/** The error code of a response; undefined for a success, or where a handler put something else in its place. */
const errorCodeOf = (payload: ResponsePayload): number | undefined => {
  const header: unknown = payload.header;
  const code = isJsonObject(header) ? header["response_code"] : undefined;
  return typeof code === "number" && !isSuccess(code) ? code : undefined;
};

/** Takes every message that arrives to whoever it is for. Nothing that a peer sends makes it throw. */
export class Inbox<Client> {
  readonly #options: InboxOptions<Client>;
  readonly #events: WorkQueue;

  constructor(options: InboxOptions<Client>) {
    this.#options = options;
    this.#events = new WorkQueue({
      maxRunning: options.maxConcurrentRequests,
      maxWaiting: options.maxQueuedRequests,
    });
  }

  receive(message: IncomingMessage): void {
    const { topic } = message;
    try {
      this.#sort(message);
    } catch (error) {
      this.#options.counters.invalidMessages += 1;
      this.#options.logger?.warn({ topic, error }, "dropped a message that could not be read");
    }
  }

  /** Forgets the messages that no handler has seen yet. */
  clear(): void {
    this.#events.clear();
  }

  #sort(message: IncomingMessage): void {
    const { desk, counters, logger } = this.#options;
    const { topic } = message;
    const text = decodeUtf8(message.payload);
    this.#noticeInexact(topic, text);
    const arriving = readArriving(parseJson(text));
    switch (arriving.kind) {
      case "request":
        desk.serve(message, arriving.payload);
        return;
      case "response":
        this.#takeResponse(topic, arriving.payload);
        return;
      case "general":
        this.#observe(topic, arriving.payload);
        return;
      case "invalid-request":
        desk.refuse(message, arriving);
        return;
      case "invalid":
        counters.invalidMessages += 1;
        logger?.warn(
          { topic, at: arriving.issues.map(({ path }) => path) },
          "dropped a message of no known form",
        );
    }
  }

  #noticeInexact(topic: string, text: string): void {
    if (findInexactInteger(text) === undefined) return;
    this.#options.counters.inexactNumbers += 1;
    this.#options.logger?.warn({ topic }, "an integer beyond 2^53 lost precision");
  }

  #takeResponse(topic: string, payload: ResponsePayload): void {
    const { exchange, isSubscribed, counters, logger } = this.#options;
    const requestId = payload.header.request_id;
    const claimed = exchange.claim(requestId, topic);
    if (typeof claimed === "object") {
      counters.responsesReceived += 1;
      this.#settle(claimed, topic, payload);
    } else if (claimed === "stranger" && isSubscribed(topic)) {
      this.#observe(topic, payload);
    } else {
      counters[COUNTER_OF[claimed]] += 1;
      logger?.debug({ topic, requestId, reason: claimed }, "dropped a response nobody waits for");
    }
  }

  #settle(request: RequestInFlight, topic: string, response: ResponsePayload): void {
    const handlers = this.#options.handlers();
    if (handlers.length > 0) {
      void this.#settleThroughHandlers(request, { topic, response, handlers });
      return;
    }
    const error = this.#exceptionOf(request, response);
    if (error === undefined) request.succeed(response);
    else request.fail(error);
  }

  async #settleThroughHandlers(
    request: RequestInFlight,
    { topic, response, handlers }: ResponseRun<Client>,
  ): Promise<void> {
    const raiseErrorCode = (payload: ResponsePayload): void => {
      const error = this.#exceptionOf(request, payload);
      if (error !== undefined) throw error;
    };
    try {
      const outcome = await runChain(handlers, {
        client: this.#options.client,
        topic,
        payload: response,
        beforeHandler: ({ raiseExceptions }, payload) => {
          if (raiseExceptions === true) raiseErrorCode(payload);
        },
        onError: (error, { raiseExceptions }) => {
          if (raiseExceptions === true) throw error;
          this.#noteHandlerError(topic, error);
        },
      });
      if (!outcome.stopped) raiseErrorCode(outcome.payload);
      request.succeed(outcome.payload);
    } catch (error) {
      request.fail(error);
    }
  }

  #exceptionOf({ call }: RequestInFlight, payload: ResponsePayload): ResponseException | undefined {
    if (errorCodeOf(payload) === undefined) return undefined;
    const { source, target, method } = call;
    return responseExceptionFrom(payload, { source, target, method });
  }

  /** Shows the handlers a message that nobody waits for. */
  #observe(topic: string, payload: Payload): void {
    const { client, handlers, counters, logger } = this.#options;
    const chain = handlers();
    if (chain.length === 0) return;
    const onError = (error: unknown): void => {
      this.#noteHandlerError(topic, error);
    };
    const isAccepted = this.#events.offer(async () => {
      await runChain(chain, { client, topic, payload, onError });
    });
    if (isAccepted) return;
    counters.overloaded += 1;
    logger?.warn({ topic }, "dropped a message: too many wait for the handlers");
  }

  #noteHandlerError(topic: string, error: unknown): void {
    this.#options.counters.handlerErrors += 1;
    this.#options.logger?.error({ topic, error }, "a message handler threw");
  }
}
