import type { ExchangeConnection } from "../../src/exchange/exchange.ts";
import { Exchange } from "../../src/exchange/exchange.ts";
import type { Call, RequestDeadline } from "../../src/exchange/request-in-flight.ts";
import type { ResponseRoutingMode } from "../../src/exchange/response-routing.ts";
import { ResponseRouting } from "../../src/exchange/response-routing.ts";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";
import { TopicManager } from "../../src/protocol/topic.ts";
import type { Deadline } from "../../src/runtime/deadline.ts";
import { remainingMs } from "../../src/runtime/deadline.ts";
import type { Link, OutgoingMessage, PublishOutcome } from "../../src/transport/transport.ts";
import { ManualClock } from "../runtime/manual-clock.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";

/** The error of a request that reached its deadline. */
export const TOO_LATE = new Error("too late");

const ignore = (): Promise<never> => new Promise(() => {});

/** A connection that the test plays. It is online, and everything succeeds, unless told otherwise. */
export class PlayedConnection implements ExchangeConnection {
  /** What was done, in order. */
  readonly log: string[] = [];
  readonly sent: OutgoingMessage[] = [];
  /** How long each was still wanted when it was sent, in ms. */
  readonly remainingMs: number[] = [];
  isOnline = true;
  readonly health = {
    probe: (): void => {
      this.log.push("probe");
    },
  };
  onPublish: (message: OutgoingMessage) => PublishOutcome | Promise<PublishOutcome> = ({ qos }) =>
    qos === 0 ? "sent" : "delivered";
  onSubscribe: (filter: string) => void | Promise<void> = () => {};
  onReady: () => void | Promise<void> = () => {};

  get link(): Link | undefined {
    return this.isOnline ? this.#link : undefined;
  }

  readonly #link: Link = {
    protocolLevel: 5,
    activity: 0,
    oldestPublish: undefined,
    probe: () => {},
    abort: () => {},
    publish: (message) => this.#publish(message),
    subscribe: ignore,
    unsubscribe: ignore,
    close: ignore,
  };

  async ready(operation: string): Promise<void> {
    this.log.push(`ready to ${operation}`);
    await this.onReady();
  }

  publish(message: OutgoingMessage, deadline: Deadline): PublishOutcome | Promise<PublishOutcome> {
    this.remainingMs.push(remainingMs(deadline));
    return this.#publish(message);
  }

  readonly subscriptions = {
    subscribe: async ({ filter, qos }: { filter: string; qos: number }): Promise<void> => {
      this.log.push(`subscribe ${filter}@${String(qos)}`);
      await this.onSubscribe(filter);
    },
    release: (filter: string): void => {
      this.log.push(`release ${filter}`);
    },
  };

  #publish(message: OutgoingMessage): PublishOutcome | Promise<PublishOutcome> {
    this.log.push(`publish ${message.topic}`);
    this.sent.push(message);
    return this.onPublish(message);
  }
}

/** Deadline of a call from now on; default 1 s. */
export const within = (
  clock: ManualClock,
  { ms = 1_000, signal }: { readonly ms?: number; readonly signal?: AbortSignal } = {},
): RequestDeadline => ({
  clock,
  expiresAt: clock.monotonicMs() + ms,
  signal,
  timeoutError: () => TOO_LATE,
  delivery: "not sent",
});

/** A request to the subsystem `axuv` of `device`. */
export const callWith = (deadline: RequestDeadline, more: Partial<Call> = {}): Call => ({
  requestId: "id-1",
  subsystem: "axuv",
  target: "device",
  method: "GET",
  path: "gains",
  source: "requester",
  payload: '{"body":null}',
  qos: 0,
  deadline,
  ...more,
});

/** A response to a request. */
export const response = (requestId = "id-1", body: unknown = 5): ResponsePayload => ({
  header: { response_code: 205, path: "gains", request_id: requestId },
  body,
  timestamp: 0,
});

export interface ExchangeScene {
  readonly clock: ManualClock;
  readonly connection: PlayedConnection;
  readonly exchange: Exchange;
  readonly routing: ResponseRouting;
  readonly counters: { requestsSent: number; requestsUnanswered: number };
  readonly logged: ReturnType<typeof recordingLogger>["entries"];
}

/** An exchange with the mailbox `box`, over a connection that the test plays. */
export const exchangeScene = (mode: ResponseRoutingMode = "mailbox"): ExchangeScene => {
  const clock = new ManualClock();
  const connection = new PlayedConnection();
  const topics = new TopicManager();
  const routing = new ResponseRouting({ mode, mailbox: "box", topics });
  const counters = { requestsSent: 0, requestsUnanswered: 0 };
  const { logger, entries } = recordingLogger();
  const exchange = new Exchange({ connection, routing, topics, counters, logger });
  return { clock, connection, exchange, routing, counters, logged: entries };
};
