import { Connection } from "../connection/connection.ts";
import type { Credentials, DialPlan } from "../connection/dial.ts";
import type { ConnectionState } from "../connection/state.ts";
import { Exchange } from "../exchange/exchange.ts";
import { ResponseRouting } from "../exchange/response-routing.ts";
import type { MessageRunner } from "../handlers/message-runner.ts";
import { MessageType } from "../protocol/message-type.ts";
import { PayloadHandler } from "../protocol/payload-handler.ts";
import { answerTopicOf } from "../protocol/topic.ts";
import { mqttTransport } from "../transport/mqtt.ts";
import type { IncomingMessage } from "../transport/transport.ts";
import { operationDeadline } from "./options/call-deadline.ts";
import type { Answer } from "./answer.ts";
import { encodeErrorAnswer } from "./answer.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Publisher } from "./publisher.ts";
import { IncomingRequests } from "./incoming-requests.ts";
import { Requester } from "./requester.ts";
import type { ClientSettings } from "./options/settings.ts";
import type { Counters } from "./statistics.ts";
import { Subscriber } from "./subscriber.ts";
import { UserFilters } from "./user-filters.ts";

/** What the parts of a client share. */
export interface PartsOptions {
  readonly settings: ClientSettings;
  readonly runner: MessageRunner;
  readonly counters: Counters;
  readonly credentials: () => Credentials;
  readonly onStateChange: (next: ConnectionState, previous: ConnectionState) => void;
}

/** The parts of a client. */
export interface Parts {
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly requester: Requester;
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  readonly inbox: Dispatcher;
  readonly desk: IncomingRequests;
}

interface Surroundings extends PartsOptions {
  readonly filters: UserFilters;
}

interface OwnFilters {
  readonly requestFilter: string;
  readonly mailboxFilter: string | undefined;
}

/** The broker delivers at the lower of this and the QoS of the message: at the one that its sender chose. */
const OWN_FILTER_QOS = 2;

/** Holds what is subscribed with every link: requests to this client, its mailbox, the user's filters. */
const holdFilters = (
  connection: Connection,
  { settings, filters }: Surroundings,
  { requestFilter, mailboxFilter }: OwnFilters,
): void => {
  connection.hold({ filter: requestFilter, qos: OWN_FILTER_QOS });
  if (mailboxFilter !== undefined) connection.hold({ filter: mailboxFilter, qos: OWN_FILTER_QOS });
  for (const subscription of settings.subscriptions) {
    connection.hold(subscription);
    filters.add(subscription.filter);
  }
};

const dialPlanOf = ({ settings, credentials }: PartsOptions): DialPlan => {
  const { url, broker, identifier, protocolLevel, keepAliveMs, tls, logger } = settings;
  const { transport = mqttTransport } = settings;
  const plan = { url, broker, clientId: identifier, protocolLevel, keepAliveMs, tls };
  return { ...plan, transport, logger, credentials };
};

const createConnection = (
  options: Surroundings,
  routing: ResponseRouting,
  onMessage: (message: IncomingMessage) => void,
): Connection => {
  const { settings, runner, filters, onStateChange } = options;
  const { timeoutMs: dialTimeoutMs, reconnect, clock, random, logger } = settings;
  const { mailboxFilter } = routing;
  const requestFilter = settings.topics.buildRequestFilter(settings.identifier);
  const connection = new Connection({
    plan: dialPlanOf(options),
    reconnect,
    dialTimeoutMs,
    clock,
    random,
    logger,
    onMessage,
    onStateChange: (next, previous) => {
      if (next.kind === "online") openMailbox();
      onStateChange(next, previous);
    },
    // Without the mailbox, each request gets a subscription. A mere requester may lack the right to
    // serve requests; a device must know that it cannot.
    toleratesRefusal: (filter) =>
      !filters.has(filter) &&
      (filter === mailboxFilter || (filter === requestFilter && !runner.hasIncoming)),
  });
  const openMailbox = (): void => {
    const isGranted = mailboxFilter !== undefined && connection.isGranted(mailboxFilter);
    routing.startLink(isGranted);
    if (isGranted || mailboxFilter === undefined) return;
    logger?.info({ filter: mailboxFilter }, "no mailbox: every request subscribes to its response");
  };
  holdFilters(connection, options, { requestFilter, mailboxFilter });
  return connection;
};

/** Publishes error answers to requests for targets that this client serves. */
const createAnswer = (
  { settings, filters }: Surroundings,
  connection: Connection,
): ((request: IncomingMessage, answer: Answer) => Promise<void>) => {
  const { topics, identifier, clock, logger } = settings;
  return async (request, answer) => {
    const { topic, qos } = request;
    const parts = topics.getParts(topic);
    if (parts?.type !== MessageType.REQUEST || !filters.serves(parts.target)) return;
    try {
      const payload = encodeErrorAnswer(answer, { source: identifier, timestamp: clock.epochMs() });
      const responseTopic = answerTopicOf(topic);
      const limits = operationDeadline(settings, {}, `publish to ${responseTopic}`);
      await connection.publish({ topic: responseTopic, payload, qos, retain: false }, limits);
    } catch (error) {
      logger?.warn({ topic, error }, "could not send an error answer");
    }
  };
};

/** Builds the parts of a client and connects them with each other. */
export const createParts = (options: PartsOptions): Parts => {
  const { settings, runner, counters } = options;
  const filters = new UserFilters(settings.identifier);
  const surroundings = { ...options, filters };
  const { topics, logger, maxConcurrentRequests, maxQueuedRequests } = settings;
  const { mailbox, responseRouting: mode } = settings;
  const routing = new ResponseRouting({ mode, mailbox, topics });
  const connection = createConnection(surroundings, routing, (message) => {
    inbox.receive(message);
  });
  const exchange = new Exchange({ connection, routing, topics, counters, logger });
  const shared = { runner, counters, logger, maxConcurrentRequests, maxQueuedRequests };
  const desk = new IncomingRequests({
    ...shared,
    answer: createAnswer(surroundings, connection),
    maxPayloadBytes: settings.maxPayloadBytes,
    isOverlapping: (topic) => filters.overlapOn(topic),
  });
  const inbox: Dispatcher = new Dispatcher({
    ...shared,
    exchange,
    desk,
    isSubscribed: (topic) => filters.matches(topic),
  });
  const requester = new Requester({
    settings,
    runner,
    payloads: new PayloadHandler({ now: () => settings.clock.epochMs() }),
    exchange,
    routing,
    isOnline: () => connection.state.kind === "online",
  });
  const publisher = new Publisher(settings, connection);
  const subscriber = new Subscriber({ settings, connection, filters });
  return { connection, exchange, requester, publisher, subscriber, inbox, desk };
};
