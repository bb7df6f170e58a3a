import { LinkLostError } from "../protocol/errors.ts";
import type { ResponsePayload } from "../protocol/payload.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Limits, Settle } from "../runtime/wait.ts";
import { remainingMs, waitWithin } from "../runtime/wait.ts";
import type { OutgoingMessage, PublishOutcome, QoS } from "../transport/transport.ts";
import type { PendingRequest, UnwantedResponse } from "./pending-requests.ts";
import { PendingRequests } from "./pending-requests.ts";
import type { ResponseRouting, Route, RoutedRequest } from "./routing.ts";

/** What an exchange counts. */
export interface ExchangeCounters {
  requestsSent: number;
  requestsUnanswered: number;
}

/** What an exchange works with. */
export interface ExchangeOptions {
  readonly connection: {
    publish(message: OutgoingMessage, limits: Limits): Promise<PublishOutcome>;
  };
  readonly counters: ExchangeCounters;
  readonly logger: Logger | undefined;
}

/** One request, ready to be sent. */
export interface Call extends RoutedRequest {
  readonly method: string;
  /** The request payload as JSON. */
  readonly text: string;
  readonly qos: QoS;
  readonly route: Route;
  readonly limits: Limits;
  /** The broker said that nobody is subscribed to the request's topic. */
  readonly nobodyListensError: () => Error;
}

/** Sends requests and matches the responses to them. */
export class Exchange {
  readonly routing: ResponseRouting;
  readonly #connection: ExchangeOptions["connection"];
  readonly #counters: ExchangeCounters;
  readonly #logger: Logger | undefined;
  readonly #pending = new PendingRequests();

  constructor(routing: ResponseRouting, { connection, counters, logger }: ExchangeOptions) {
    this.routing = routing;
    this.#connection = connection;
    this.#counters = counters;
    this.#logger = logger;
  }

  /** Requests in flight. */
  get size(): number {
    return this.#pending.size;
  }

  /** Sends a request and waits for whoever claims its response to settle it. */
  async send(call: Call): Promise<ResponsePayload> {
    const { route, limits, requestId } = call;
    try {
      await route.open(limits);
      return await waitWithin<ResponsePayload>(limits, (settle) => {
        if (this.#pending.has(requestId)) {
          throw new RangeError(`a request with request_id "${requestId}" is already in flight`);
        }
        this.#pending.add({ ...call, settle });
        this.#counters.requestsSent += 1;
        void this.#publish(call, settle);
        return () => {
          if (!this.#pending.remove(requestId)) this.#counters.requestsUnanswered += 1;
        };
      });
    } finally {
      route.close();
    }
  }

  async #publish(call: Call, settle: Settle<ResponsePayload>): Promise<void> {
    const { route, limits, text, qos, requestId } = call;
    try {
      const outcome = await this.#connection.publish(
        {
          topic: route.requestTopic,
          payload: text,
          qos,
          retain: false,
          expiryMs: remainingMs(limits),
          responseTopic: route.responseTopic,
          correlationData: requestId,
        },
        limits,
      );
      if (outcome === "no-subscribers") settle.reject(call.nobodyListensError());
    } catch (error) {
      if (!(error instanceof LinkLostError)) {
        settle.reject(error);
        return;
      }
      // It may have arrived, and its response may still come over the next link.
      this.#logger?.debug({ requestId, error }, "the link was lost while a request was sent");
    }
  }

  /** The request that this response answers, or why it answers none. */
  claim(answer: RoutedRequest): PendingRequest | UnwantedResponse {
    return this.#pending.claim(answer);
  }

  /** Ends every request in flight, because the client has closed. */
  rejectAll(error: () => Error): void {
    for (const pending of this.#pending.all()) pending.settle.reject(error());
  }
}
