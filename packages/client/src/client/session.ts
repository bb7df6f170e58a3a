import { Connection } from "../connection/connection.ts";
import type { Credentials, DialPlan } from "../connection/dial.ts";
import type { ConnectionState } from "../connection/state.ts";
import { ClientClosedError } from "../errors/connection-errors.ts";
import { ConnectionFailedError } from "../errors/connection-failed-error.ts";
import { OptionError } from "../errors/input-errors.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { Exchange } from "../exchange/exchange.ts";
import { GroupExchange } from "../exchange/group-exchange.ts";
import { ResponseRouting } from "../exchange/response-routing.ts";
import type { MessageRunner } from "../handlers/runner.ts";
import { functionValue, refuseUnknownOptions } from "../options/checks.ts";
import { mqttTransport } from "../transport/mqtt.ts";
import { Departure } from "./departure.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { DisconnectOptions } from "./drain.ts";
import { GroupRequester } from "./group-requester.ts";
import { IncomingRequests } from "./incoming-requests.ts";
import { readCredentials } from "./options/broker-options.ts";
import { callDeadline, WAIT_OPTION_NAMES } from "./options/call-options.ts";
import type { WaitOptions } from "./options/call-options.ts";
import type { ClientSettings } from "./options/settings.ts";
import { Presence } from "./presence/presence.ts";
import { Publisher } from "./publisher.ts";
import { Repeats } from "./repeats.ts";
import { Requester } from "./requester.ts";
import { Responder } from "./responder.ts";
import type { ClientStatistics, Counters } from "./statistics.ts";
import { Subscriber } from "./subscriber.ts";
import { UserFilters } from "./user-filters.ts";
import { WorkQueue } from "./work-queue.ts";

/** Where a client stands: `idle` before the first connect, `connecting`, `online`, `reconnecting` after a lost link, `closed`. */
export type ClientState = ConnectionState["kind"];

/** The events of a client, with what their listeners get. */
export interface ClientEvents {
  /** After every change of state. `cause` says why the link was lost or the client closed, where an error did it. */
  readonly state: readonly [next: ClientState, previous: ClientState, cause: Error | undefined];
}

/** A listener of one of them. */
export type ClientListener<Name extends keyof ClientEvents> = (...args: ClientEvents[Name]) => void;

/**
 * Checks what a listener is added with: one for an event that does not exist would never be called.
 *
 * @throws {OptionError} there is no such event, or the listener is no function.
 */
export const assertListener = (name: unknown, listener: unknown): void => {
  if (name !== "state") {
    const expected =
      '"state", the only event there is: it tells of "online", "reconnecting" and the like';
    throw new OptionError("event", name, expected);
  }
  functionValue("listener", listener as () => void);
};

/** What a session is made of. */
export interface SessionOptions {
  readonly settings: ClientSettings;
  /** Takes the messages through the handlers, wherever these run. */
  readonly runner: MessageRunner;
  readonly counters: Counters;
  readonly onState: (...change: ClientEvents["state"]) => void;
}

/** The broker delivers at the lower of this and the QoS of the message: at the one that its sender chose. */
const OWN_FILTER_QOS = 2;

const noLinkWithin = (timeoutMs: number, why: Error | undefined): Error => {
  const time = `within ${String(timeoutMs)} ms`;
  return why === undefined
    ? new Error(`no answer ${time}`)
    : new Error(`no link ${time}: ${why.message}`, { cause: why });
};

/** Makes and owns the parts of a client; its handlers and listeners need not run where it does. */
export class Session {
  readonly requester: Requester;
  readonly groupRequester: GroupRequester;
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  readonly presence: Presence;
  readonly #options: SessionOptions;
  readonly #connection: Connection;
  readonly #routing: ResponseRouting;
  readonly #exchange: Exchange;
  readonly #requests: IncomingRequests;
  readonly #filters: UserFilters;
  readonly #queue: WorkQueue;
  readonly #departure: Departure;
  #credentials: Credentials;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { settings, runner, counters } = options;
    const { topics, mailbox, responseRouting: mode, logger } = settings;
    this.#credentials = settings.credentials;
    this.#filters = new UserFilters([settings.identifier, ...settings.groups]);
    const filters = this.#filters;
    this.#routing = new ResponseRouting({ mode, mailbox, topics });
    const routing = this.#routing;
    this.#connection = this.#createConnection();
    const connection = this.#connection;
    this.#exchange = new Exchange({
      connection,
      routing,
      topics,
      counters,
      logger,
      debug: settings.debug,
    });
    const repeats = new Repeats(settings.repeats, settings.clock);
    const responder = new Responder({ settings, connection, filters, repeats });
    this.#queue = new WorkQueue({
      maxRunning: settings.maxConcurrentRequests,
      maxWaiting: settings.maxQueuedRequests,
      maxWaitingBytes: settings.maxQueuedBytes,
    });
    const queue = this.#queue;
    const shared = { settings, runner, counters, queue, filters };
    this.#requests = new IncomingRequests({ ...shared, responder, repeats });
    const exchange = this.#exchange;
    const groups = new GroupExchange<ResponsePayload>({
      connection,
      routing,
      counters,
      debug: settings.debug,
    });
    const { mailboxFilter } = routing;
    this.presence = new Presence({ ...shared, connection, responder, mailboxFilter });
    const { presence } = this;
    const requests = this.#requests;
    this.#departure = new Departure({ connection, requests, presence, runner });
    const dispatcher = new Dispatcher({ ...shared, exchange, routing, groups, requests, presence });
    connection.onMessage = dispatcher.receive;
    this.requester = new Requester({ settings, runner, exchange, routing, connection, presence });
    const { requester } = this;
    this.groupRequester = new GroupRequester({ settings, counters, requester, groups });
    this.publisher = new Publisher({ settings, connection, responder, repeats });
    this.subscriber = new Subscriber({ settings, connection, filters });
  }

  #createConnection(): Connection {
    const { settings, runner } = this.#options;
    const { timeoutMs: dialTimeoutMs, reconnect, clock, random, logger } = settings;
    const { mailboxFilter } = this.#routing;
    const requestFilters = [settings.identifier, ...settings.groups].map((target) =>
      settings.topics.buildRequestFilter(target),
    );
    const connection = new Connection({
      plan: this.#dialPlan(),
      reconnect,
      dialTimeoutMs,
      clock,
      random,
      logger,
      onStateChange: (next, previous) => {
        this.#onStateChange(next, previous);
      },
      // Without the mailbox, each request gets a subscription. A mere requester may lack the right to
      // serve requests; a device must know that it cannot.
      toleratesRefusal: (filter) =>
        !this.#filters.has(filter) &&
        (filter === mailboxFilter ||
          (requestFilters.includes(filter) && !runner.hasIncoming) ||
          this.presence.tolerates(filter)),
    });
    const { subscriptions } = connection;
    for (const filter of requestFilters) subscriptions.hold({ filter, qos: OWN_FILTER_QOS });
    if (mailboxFilter !== undefined) {
      subscriptions.hold({ filter: mailboxFilter, qos: OWN_FILTER_QOS });
    }
    for (const subscription of settings.subscriptions) {
      subscriptions.hold(subscription);
      this.#filters.add(subscription.filter);
    }
    return connection;
  }

  #dialPlan(): DialPlan {
    const { settings } = this.#options;
    const { url, broker, identifier, protocolLevel, keepAliveMs, tls, logger } = settings;
    const { transport = mqttTransport } = settings;
    const plan = { url, broker, clientId: identifier, protocolLevel, keepAliveMs, tls };
    return {
      ...plan,
      transport,
      logger,
      credentials: () => this.#credentials,
      will: () => this.presence.will(),
    };
  }

  get state(): ClientState {
    return this.#connection.state.kind;
  }

  get statistics(): ClientStatistics {
    return {
      ...this.#options.counters,
      requestsInFlight: this.#exchange.size,
      subscriptionsHeld: this.#connection.subscriptions.size,
    };
  }

  #onStateChange(next: ConnectionState, previous: ConnectionState): void {
    const { settings, counters, onState } = this.#options;
    const cause = "cause" in next ? next.cause : undefined;
    settings.logger?.info(
      { state: next.kind, previous: previous.kind, error: cause },
      "the connection changed its state",
    );
    if (next.kind === "online") this.#openMailbox();
    if (next.kind === "online" && previous.kind === "reconnecting") counters.reconnects += 1;
    if (next.kind === "closed") this.#endCalls(cause);
    if (next.kind === "online") {
      this.presence.start();
    } else {
      // Without the link, no answer arrives any more.
      this.#requests.endDrain();
      this.presence.stop();
    }
    onState(next.kind, previous.kind, cause);
  }

  /** Without the mailbox, every request gets a subscription of its own on this link. */
  #openMailbox(): void {
    const { mailboxFilter: filter } = this.#routing;
    const isGranted = filter !== undefined && this.#connection.subscriptions.isGranted(filter);
    this.#routing.startLink(isGranted);
    if (isGranted || filter === undefined) return;
    this.#options.settings.logger?.info(
      { filter },
      "no mailbox: every request subscribes to its response",
    );
  }

  #endCalls(cause: Error | undefined): void {
    this.#queue.clear();
    this.#requests.clear();
    const { broker } = this.#options.settings;
    this.presence.close(cause);
    const closedError = (): Error =>
      new ClientClosedError("get a response", broker, { cause, wasPending: true });
    this.#exchange.rejectAll(closedError);
    this.requester.rejectAll(closedError);
    this.groupRequester.rejectAll(closedError);
  }

  /** See `MQTTClient.connect`. */
  async connect(options: WaitOptions): Promise<void> {
    refuseUnknownOptions(options, WAIT_OPTION_NAMES, "connect()");
    const { settings } = this.#options;
    const { broker, identifier: source } = settings;
    const deadline = callDeadline(settings, options, (timeoutMs, why) => {
      if (!(why instanceof ConnectionFailedError)) {
        return new ConnectionFailedError(broker, { cause: noLinkWithin(timeoutMs, why), source });
      }
      const { reasonCode } = why;
      return new ConnectionFailedError(broker, { cause: why, reasonCode, source });
    });
    const isFree = this.#departure.over(deadline);
    // Without an await where there is nothing to wait for: calls count in their order.
    if (isFree !== undefined) await isFree;
    await this.#connection.connect(deadline);
  }

  /** See `MQTTClient.disconnect`. */
  disconnect(options: DisconnectOptions): Promise<void> {
    return this.#departure.begin(options);
  }

  /** See `MQTTClient.setCredentials`. */
  setCredentials(username: unknown, password: unknown): void {
    this.#credentials = readCredentials(username, password);
  }
}
