import { LinkLostError } from "../errors/connection-errors.ts";
import { LruMap } from "../runtime/lru-map.ts";
import type { IncomingMessage, OutgoingMessage } from "../transport/transport.ts";
import type { LogMethod } from "../runtime/logger.ts";
import type { ExchangeConnection, ExchangeCounters, UnwantedResponse } from "./exchange.ts";
import type { Call } from "./request-in-flight.ts";
import type { ResponseRouting } from "./response-routing.ts";

/** What a response is given to by whoever took it through the handlers. */
export interface ClaimedResponse<Response> {
  readonly call: Pick<Call, "source" | "target" | "method">;
  succeed(response: Response): void;
  fail(error: unknown): void;
}

/** A request to a group, its `target`; any number of devices may answer. */
export interface GroupCall<Response> {
  readonly call: Call;
  /** Takes the answer of a device, each once, and how long it was. */
  readonly receive: (source: string, bytes: number) => Omit<ClaimedResponse<Response>, "call">;
}

interface OpenGroup<Response> extends GroupCall<Response> {
  readonly responseTopic: string;
  /** It is subscribed for this request alone. */
  readonly isOwnTopic: boolean;
  readonly sources: Set<string>;
}

/** Who answers chooses what it calls itself: more answers to one request are not taken. */
const MOST_SOURCES = 100_000;
const REMEMBERED_REQUESTS = 2_048;

/** What it works with. */
export interface GroupExchangeOptions {
  readonly connection: ExchangeConnection;
  readonly routing: ResponseRouting;
  readonly counters: Pick<ExchangeCounters, "requestsSent">;
  /** Takes an entry for each request; undefined where nobody wants to see one. */
  readonly debug?: LogMethod | undefined;
}

/** Sends requests to groups of devices and tells which responses answer them. */
export class GroupExchange<Response> {
  readonly #options: GroupExchangeOptions;
  readonly #open = new Map<string, OpenGroup<Response>>();
  readonly #ended = new LruMap<string, true>(REMEMBERED_REQUESTS);

  constructor(options: GroupExchangeOptions) {
    this.#options = options;
  }

  /**
   * Sends a request; its answers are taken until {@link GroupExchange.end}. Resolves with whether anybody can have got
   * it, and rejects where it was not sent.
   */
  async send(group: GroupCall<Response>): Promise<boolean> {
    const { connection, routing } = this.#options;
    const { call } = group;
    if (connection.link === undefined) await connection.ready("send a request", call.deadline);
    const { requestTopic, responseTopic, isOwnTopic } = routing.planGroup(call, call.requestId);
    if (isOwnTopic) {
      const subscription = { filter: responseTopic, qos: call.qos };
      await connection.subscriptions.subscribe(subscription, call.deadline);
    }
    this.#open.set(call.requestId, { ...group, responseTopic, isOwnTopic, sources: new Set() });
    return this.#publish(call, requestTopic, responseTopic);
  }

  async #publish(call: Call, topic: string, responseTopic: string): Promise<boolean> {
    const { counters, debug } = this.#options;
    counters.requestsSent += 1;
    const { requestId, target, subsystem, method, path } = call;
    debug?.({ requestId, target, subsystem, method, path }, "sent a request");
    const message: OutgoingMessage = {
      topic,
      payload: call.payload,
      contentType: call.contentType,
      qos: call.qos,
      retain: false,
      expires: true,
      responseTopic,
      correlationData: requestId,
    };
    const outcome = this.#options.connection.publish(message, call.deadline);
    call.deadline.delivery = "sent";
    try {
      return (await outcome) !== "no-subscribers";
    } catch (error) {
      if (!(error instanceof LinkLostError) || error.isOverThisCall) throw error;
      // It may have arrived, and answers may still come over the next link.
      return true;
    }
  }

  /**
   * Whom a response is for; undefined where it answers no request to a group.
   *
   * @param source - from its header.
   */
  claim(
    requestId: string,
    source: unknown,
    { topic, payload }: Pick<IncomingMessage, "topic" | "payload">,
  ): ClaimedResponse<Response> | UnwantedResponse | undefined {
    const group = this.#open.get(requestId);
    if (group === undefined) return this.#ended.get(requestId) && "late";
    // Without a source, one could not tell who answers, nor whether it has answered before.
    if (topic !== group.responseTopic || typeof source !== "string") return undefined;
    const { sources, call } = group;
    if (sources.has(source) || sources.size >= MOST_SOURCES) return "duplicate";
    sources.add(source);
    return { ...group.receive(source, payload.byteLength), call };
  }

  /** Ends a request: no answer is taken any more. */
  end(requestId: string): void {
    const group = this.#open.get(requestId);
    if (group === undefined) return;
    this.#open.delete(requestId);
    this.#ended.set(requestId, true);
    if (group.isOwnTopic) this.#options.connection.subscriptions.release(group.responseTopic);
  }
}
