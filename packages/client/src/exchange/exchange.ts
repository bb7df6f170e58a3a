import {
  LinkLostError,
  PayloadValidationError,
  SubscriptionRefusedError,
} from "../protocol/errors.ts";
import type { ResponsePayload } from "../protocol/payload.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Limits, Settle } from "../runtime/wait.ts";
import { remainingMs, waitWithin } from "../runtime/wait.ts";
import type { OutgoingMessage, PublishOutcome, QoS, Subscription } from "../transport/transport.ts";
import type { Answer, PendingRequest, UnwantedResponse } from "./pending-requests.ts";
import { PendingRequests } from "./pending-requests.ts";
import type { DeviceAddress, ResponseRouting, Route } from "./response-routing.ts";

/** What an exchange counts. */
export interface ExchangeCounters {
  requestsSent: number;
  requestsUnanswered: number;
}

/** What an exchange works with. */
export interface ExchangeOptions {
  readonly connection: {
    publish(message: OutgoingMessage, limits: Limits): Promise<PublishOutcome>;
    subscribe(subscription: Subscription, limits: Limits): Promise<void>;
    release(filter: string): void;
  };
  readonly routing: ResponseRouting;
  readonly counters: ExchangeCounters;
  readonly logger: Logger | undefined;
}

/** One request, ready to be sent. */
export interface Call extends Answer {
  readonly method: string;
  /** The request payload as JSON. */
  readonly text: string;
  readonly qos: QoS;
  readonly limits: Limits;
  /** The broker said that nobody is subscribed to the request's topic. */
  readonly nobodyListensError: () => Error;
}

/** Sends requests and matches the responses to them. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #pending = new PendingRequests();

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Requests in flight. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Sends a request and waits for whoever claims its response to settle it.
   *
   * @throws {TopicError} the device's address is not made of topic segments.
   */
  async send(call: Call): Promise<ResponsePayload> {
    const { routing, connection } = this.#options;
    const route = routing.plan(call, call.requestId);
    const { extraTopic } = route;
    if (extraTopic === undefined) return this.#sendOn(route, call);
    const isSubscribed = await this.#subscribe(extraTopic, route, call);
    try {
      return await this.#sendOn(route, call);
    } finally {
      if (isSubscribed) connection.release(extraTopic);
    }
  }

  /** Subscribes to the topic of one request. Where the mailbox may serve instead, a refusal is no failure. */
  async #subscribe(filter: string, { mailboxTopic }: Route, call: Call): Promise<boolean> {
    const { connection, routing, logger } = this.#options;
    try {
      await connection.subscribe({ filter, qos: call.qos }, call.limits);
      return true;
    } catch (error) {
      if (mailboxTopic === undefined || !(error instanceof SubscriptionRefusedError)) throw error;
      routing.noteExtraTopicRefused();
      logger?.info({ filter }, "the broker grants the mailbox only; responses must come there");
      return false;
    }
  }

  #sendOn(route: Route, call: Call): Promise<ResponsePayload> {
    const { requestId } = call;
    return waitWithin<ResponsePayload>(call.limits, (settle) => {
      if (this.#pending.has(requestId)) {
        const message = `a request with the id ${requestId} is in flight already`;
        throw new PayloadValidationError("request", [{ path: "header.request_id", message }]);
      }
      this.#pending.add({ ...call, route, settle });
      this.#options.counters.requestsSent += 1;
      void this.#publish(route, call, settle);
      return () => {
        if (!this.#pending.remove(requestId)) this.#noteUnanswered(call);
      };
    });
  }

  #noteUnanswered(address: DeviceAddress): void {
    this.#options.counters.requestsUnanswered += 1;
    this.#options.routing.forget(address);
  }

  async #publish(route: Route, call: Call, settle: Settle<ResponsePayload>): Promise<void> {
    const { limits, text, qos, requestId } = call;
    const { connection, logger } = this.#options;
    try {
      const outcome = await connection.publish(
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
      logger?.debug({ requestId, error }, "the link was lost while a request was sent");
    }
  }

  /** The request that the response on this topic answers, or why it answers none. */
  claim(answer: Answer, topic: string): PendingRequest | UnwantedResponse {
    const claimed = this.#pending.claim(answer);
    if (typeof claimed === "object") this.#options.routing.learn(answer, claimed.route, topic);
    return claimed;
  }

  /** Ends every request in flight, because the client has closed. */
  rejectAll(error: () => Error): void {
    for (const pending of this.#pending.all()) pending.settle.reject(error());
  }
}
