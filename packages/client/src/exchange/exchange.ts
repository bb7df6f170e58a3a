import { LinkLostError, SubscriptionRefusedError } from "../errors/connection-errors.ts";
import { PayloadValidationError } from "../errors/input-errors.ts";
import { MessageType } from "../protocol/message-type.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { ServiceUnavailableResponse } from "../errors/error-responses.ts";
import type { TopicManager } from "../protocol/topic.ts";
import type { LogMethod, Logger } from "../runtime/logger.ts";
import { LruMap } from "../runtime/lru-map.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { remainingMs, usefulMs } from "../runtime/deadline.ts";
import type {
  Link,
  OutgoingMessage,
  PublishOutcome,
  Subscription,
} from "../transport/transport.ts";
import type { Learner } from "./device-learning.ts";
import { DeviceLearning } from "./device-learning.ts";
import type { Call } from "./request-in-flight.ts";
import { RequestInFlight, errorFieldsOf } from "./request-in-flight.ts";
import type { ResponseRouting, Route } from "./response-routing.ts";

/** What an exchange counts. */
export interface ExchangeCounters {
  requestsSent: number;
  requestsUnanswered: number;
}

/** What an exchange needs of the connection. */
export interface ExchangeConnection {
  /** The link in use, while online. */
  readonly link: Link | undefined;
  readonly health: {
    /** Ends the link if no sign of life comes of it. */
    probe(): void;
  };
  readonly subscriptions: {
    subscribe(subscription: Subscription, deadline: Deadline): Promise<void>;
    release(filter: string): void;
  };
  ready(operation: string, deadline: Deadline): Promise<unknown>;
  publish(message: OutgoingMessage, deadline: Deadline): PublishOutcome | Promise<PublishOutcome>;
}

/** Why a response settles nothing: answered before, answered too late, or not an answer to anything asked. */
export type UnwantedResponse = "duplicate" | "late" | "unsolicited";

type RouteWithExtra = Route & { readonly extraTopic: string };

const hasExtra = (route: Route): route is RouteWithExtra => route.extraTopic !== undefined;

/** Whether it is unknown how the device answers, and the topic of its response will tell. */
const isLearning = (route: Route): route is RouteWithExtra =>
  hasExtra(route) && route.responseTopic === route.mailboxTopic;

/** How many ended requests are remembered, to tell late and repeated responses from unsolicited ones. */
const REMEMBERED_REQUESTS = 2_048;

/** What an exchange works with. */
export interface ExchangeOptions {
  readonly connection: ExchangeConnection;
  readonly routing: ResponseRouting;
  readonly topics: TopicManager;
  readonly counters: ExchangeCounters;
  readonly logger: Logger | undefined;
  /** Takes an entry for each request; undefined where nobody wants to see one. */
  readonly debug?: LogMethod | undefined;
}

/** Sends requests and matches the responses to them. */
export class Exchange {
  readonly #options: ExchangeOptions;
  /** Requests in flight, by the id in their header. */
  readonly #waiting = new Map<string, RequestInFlight>();
  /** Ended requests, with what a further response to each would be. */
  readonly #ended = new LruMap<string, "duplicate" | "late">(REMEMBERED_REQUESTS);
  readonly #learning = new DeviceLearning();

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Requests in flight. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Sends a request and waits for whoever claims its response to settle it.
   *
   * @throws {TopicError} at once, when the device's address is not made of topic segments.
   */
  send(call: Call): Promise<ResponsePayload> {
    const { routing, connection } = this.#options;
    if (connection.link === undefined) return this.#sendWhenReady(call);
    const route = routing.plan(call, call.requestId);
    if (isLearning(route)) return this.#sendToUnknown(route, call);
    return hasExtra(route) ? this.#sendWithExtra(route, call) : this.#sendOn(route, call);
  }

  /** One request at a time asks a device on both topics; the others wait for what it learns, but not for long. */
  async #sendToUnknown(first: Route, call: Call): Promise<ResponsePayload> {
    const { routing, connection } = this.#options;
    const { clock } = call.deadline;
    const startedAt = clock.monotonicMs();
    let route = first;
    let learner = this.#learning.learnerOf(call);
    while (isLearning(route) && learner !== undefined) {
      // Who comes when it has taken long already, as one that a handler sends before it answers, waits no more.
      const waitedMs = clock.monotonicMs() - Math.min(startedAt, learner.startedAt);
      if (!this.#learning.hasPatience(waitedMs)) {
        // Where the broker takes its time to subscribe, one more subscription would only make it slower.
        return learner.isSubscribed
          ? this.#sendWithExtra(route, call)
          : this.#sendOn({ ...route, extraTopic: undefined }, call);
      }
      await this.#learning.wait(learner, call.deadline, waitedMs);
      if (connection.link === undefined) return this.#sendWhenReady(call);
      route = routing.plan(call, call.requestId);
      learner = this.#learning.learnerOf(call);
    }
    return isLearning(route) ? this.#learn(route, call) : this.send(call);
  }

  async #learn(route: RouteWithExtra, call: Call): Promise<ResponsePayload> {
    const learner = this.#learning.begin(call, call.deadline.clock.monotonicMs());
    try {
      return await this.#sendWithExtra(route, call, learner);
    } finally {
      this.#learning.end(call, learner);
    }
  }

  async #sendWhenReady(call: Call): Promise<ResponsePayload> {
    await this.#options.connection.ready("send a request", call.deadline);
    return this.send(call);
  }

  async #sendWithExtra(
    route: RouteWithExtra,
    call: Call,
    learner?: Learner,
  ): Promise<ResponsePayload> {
    const { routing, connection } = this.#options;
    const { extraTopic } = route;
    const isSubscribed = await this.#subscribe(extraTopic, route, call);
    if (learner !== undefined) learner.isSubscribed = true;
    try {
      // In the meantime the device may have become known, and the link another one without a mailbox.
      return await this.#sendOn(routing.plan(call, call.requestId), call);
    } finally {
      if (isSubscribed) connection.subscriptions.release(extraTopic);
    }
  }

  /** Subscribes to the topic of one request. Where the mailbox may serve instead, a refusal is no failure. */
  async #subscribe(filter: string, { mailboxTopic }: Route, call: Call): Promise<boolean> {
    const { connection, routing, logger } = this.#options;
    try {
      await connection.subscriptions.subscribe({ filter, qos: call.qos }, call.deadline);
      return true;
    } catch (error) {
      if (mailboxTopic === undefined || !(error instanceof SubscriptionRefusedError)) throw error;
      routing.noteExtraTopicRefused(call);
      logger?.info({ filter }, "the broker grants the mailbox only; responses must come there");
      return false;
    }
  }

  #sendOn(route: Route, call: Call): Promise<ResponsePayload> {
    const { requestId } = call;
    if (this.#waiting.has(requestId)) {
      const message = `a request with the id ${requestId} is in flight already`;
      throw new PayloadValidationError("request", [{ path: "header.request_id", message }]);
    }
    const request = new RequestInFlight(call, route, this.#onEnd);
    const settled = request.settled();
    this.#waiting.set(requestId, request);
    this.#options.counters.requestsSent += 1;
    try {
      this.#publish(request);
    } catch (error) {
      // A transport should reject; one that throws must not leave the request behind.
      request.fail(error);
    }
    return settled;
  }

  readonly #onEnd = (request: RequestInFlight): void => {
    const { requestId } = request.call;
    this.#waiting.delete(requestId);
    this.#ended.set(requestId, request.isClaimed ? "duplicate" : "late");
    if (request.isClaimed) return;
    this.#options.counters.requestsUnanswered += 1;
    const { call } = request;
    const isOver = remainingMs(call.deadline) === 0;
    // An attempt that another one follows tells little: to ask both ways then would delay it.
    if (!isOver || usefulMs(call.deadline) === 0) this.#options.routing.forget(call);
    if (isOver) this.#options.connection.health.probe();
  };

  #publish(request: RequestInFlight): void {
    const { call, route } = request;
    const { connection } = this.#options;
    const message: OutgoingMessage = {
      topic: route.requestTopic,
      payload: call.payload,
      contentType: call.contentType,
      qos: call.qos,
      retain: false,
      expires: true,
      responseTopic: route.responseTopic,
      correlationData: call.requestId,
    };
    const { requestId, target, subsystem, method, path } = call;
    this.#options.debug?.({ requestId, target, subsystem, method, path }, "sent a request");
    const outcome = connection.publish(message, call.deadline);
    const isPending = typeof outcome === "object";
    // A message that waits for room in the socket is not sent; of others, nobody can tell before their end.
    if (!isPending || call.qos > 0) call.deadline.delivery = "sent";
    if (isPending) void this.#follow(request, outcome);
  }

  async #follow(request: RequestInFlight, outcome: Promise<PublishOutcome>): Promise<void> {
    const { call } = request;
    try {
      const result = await outcome;
      call.deadline.delivery = result === "sent" ? "sent" : "acknowledged";
      if (result !== "no-subscribers") return;
      const detail = `the broker has no subscriber for this device's requests; check that ${call.target} is connected under this identifier, and that it may read them`;
      request.fail(new ServiceUnavailableResponse(detail, errorFieldsOf(call)));
    } catch (error) {
      if (!(error instanceof LinkLostError) || error.isOverThisCall) {
        request.fail(error);
        return;
      }
      // It may have arrived, and its response may still come over the next link.
      const { requestId } = call;
      this.#options.logger?.debug(
        { requestId, error },
        "the link was lost while sending a request",
      );
    }
  }

  /**
   * The request that a response answers, or why it answers none. The first response takes a request;
   * subsystem and target in its topic must be the ones asked, so that no other device can answer instead.
   */
  claim(requestId: string, topic: string): RequestInFlight | UnwantedResponse {
    const { routing } = this.#options;
    const request = this.#waiting.get(requestId);
    if (request !== undefined && !this.#isAnswerTo(request, topic)) return "unsolicited";
    if (request?.isClaimed === false) {
      request.isClaimed = true;
      if (hasExtra(request.route)) {
        routing.learn(request.call, request.route, topic);
        this.#learning.end(request.call);
      }
      return request;
    }
    const unwanted = request === undefined ? this.#ended.get(requestId) : "duplicate";
    if (unwanted === "duplicate") routing.learnFromDuplicate(topic);
    return unwanted ?? "unsolicited";
  }

  #isAnswerTo({ call, route }: RequestInFlight, topic: string): boolean {
    if (topic === route.responseTopic) return true;
    const { topics } = this.#options;
    const parts = topics.getParts(topic);
    return (
      parts?.namespace === topics.namespace &&
      parts.type === MessageType.RESPONSE &&
      parts.subsystem === call.subsystem &&
      parts.target === call.target
    );
  }

  /** Ends every request in flight, because the client has closed. */
  rejectAll(error: () => Error): void {
    this.#learning.endAll();
    for (const request of [...this.#waiting.values()]) request.fail(error());
  }
}
