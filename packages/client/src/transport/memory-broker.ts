import { refuseUnknownOptions } from "../options/checks.ts";
import { matchesFilter } from "../protocol/topic-filter.ts";
import type { AccessRules } from "./access-rules.ts";
import { readAccessRules } from "./access-rules.ts";
import { dialFailure } from "./dial-diagnosis.ts";
import { MemoryLink } from "./memory-link.ts";
import type {
  DialRequest,
  IncomingMessage,
  Link,
  PublishOutcome,
  QoS,
  Subscription,
  Transport,
} from "./transport.ts";

/** Who asks to connect. */
export interface MemoryCredentials {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Options of {@link MemoryBroker}. */
export interface MemoryBrokerOptions {
  /**
   * Whether a client may connect.
   * @default every client may
   */
  readonly authenticate?: (credentials: MemoryCredentials) => boolean | Promise<boolean>;
  /**
   * What clients may publish and subscribe to. What is refused, is as by a real broker: with MQTT 3.1.1 and with QoS 0
   * a publish is dropped without a word.
   * @default everything
   */
  readonly allow?: AccessRules;
  /**
   * Whether a client may subscribe to a filter.
   * @deprecated Use `allow.subscribe`.
   * @default every filter
   */
  readonly authorizeSubscribe?: (clientId: string, filter: string) => boolean;
}

/** A message to put on the broker as any peer could send it, valid or not. */
export interface MemoryMessage {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  /** Default 0. */
  readonly qos?: QoS;
  /** Keep it for later subscribers; an empty payload clears it. Default false. */
  readonly retain?: boolean;
  /** Mark it as a redelivery; default false. */
  readonly duplicate?: boolean;
}

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof MemoryBrokerOptions>([
  "authenticate",
  "allow",
  "authorizeSubscribe",
]);

const BAD_CREDENTIALS_5 = 134;
const BAD_CREDENTIALS_311 = 4;

const utf8 = new TextEncoder();

/**
 * A broker inside the process, for tests without a network: topics, wildcards, QoS as delivered,
 * retained messages, Last Wills, refusals, lost links. It knows no sessions and keeps nothing for absent clients.
 *
 * ```ts
 * const broker = new MemoryBroker();
 * const client = new MQTTClient({ ...broker.connection, identifier: "device" });
 * ```
 * @example
 * const broker = new MemoryBroker();
 * const client = new MQTTClient({ ...broker.connection });
 */
export class MemoryBroker {
  /** The client options that lead here. */
  readonly connection: { readonly broker: string; readonly transport: Transport };
  readonly #options: MemoryBrokerOptions;
  readonly #may: ReturnType<typeof readAccessRules>;
  readonly #links = new Map<string, MemoryLink>();
  readonly #retained = new Map<string, MemoryMessage>();
  #isRunning = true;

  /** @throws {UnknownOptionError} an option that there is not. */
  constructor(options: MemoryBrokerOptions = {}) {
    refuseUnknownOptions(options, OPTION_NAMES, "MemoryBroker");
    this.#options = options;
    this.#may = readAccessRules(options.allow);
    this.connection = {
      broker: "memory",
      transport: { dial: (request) => this.#dial(request) },
    };
  }

  /**
   * Clients connected now.
   * @example
   * expect(broker.clientCount).toBe(1);
   */
  get clientCount(): number {
    return this.#links.size;
  }

  async #dial(request: DialRequest): Promise<Link> {
    const { clientId, username, password, broker, signal, will } = request;
    this.#assertRunning(request);
    const level = request.protocolLevel === "auto" ? 5 : request.protocolLevel;
    const { authenticate } = this.#options;
    const isAdmitted =
      authenticate === undefined || (await authenticate({ clientId, username, password }));
    signal.throwIfAborted();
    this.#assertRunning(request);
    if (!isAdmitted) {
      const reasonCode = level === 5 ? BAD_CREDENTIALS_5 : BAD_CREDENTIALS_311;
      throw dialFailure(request, { reasonCode });
    }
    this.#links.get(clientId)?.lose(new Error("another client connected with the same identifier"));
    const link = new MemoryLink(level, {
      broker,
      onMessage: request.onMessage,
      onLost: request.onLost,
      mayRead: (filter) => this.#mayRead(clientId, filter),
      mayWrite: (topic) => this.#may.publish(clientId, topic),
      onSubscribed: (subscription) => {
        this.#deliverRetained(link, subscription);
      },
      publish: (message, expiryMs) => this.#deliver(message, level === 5 ? expiryMs : undefined),
      onEnd: (end) => {
        if (this.#links.get(clientId) === link) this.#links.delete(clientId);
        if (end === "lost" && will !== undefined && this.#isRunning) this.publish(will);
      },
    });
    this.#links.set(clientId, link);
    return link;
  }

  #mayRead(clientId: string, filter: string): boolean {
    // oxlint-disable-next-line typescript/no-deprecated -- kept for those who set it
    const { authorizeSubscribe } = this.#options;
    const isRefused = authorizeSubscribe?.(clientId, filter) === false;
    return !isRefused && this.#may.subscribe(clientId, filter);
  }

  #assertRunning(request: DialRequest): void {
    if (!this.#isRunning) throw dialFailure(request, { cause: new Error("stopped") });
  }

  /**
   * Sends a message to whoever is subscribed; says whether anybody is.
   * @example
   * broker.publish({ topic: "lab/door", payload: '{"body":"open","timestamp":0}' });
   */
  publish(message: MemoryMessage): PublishOutcome {
    return this.#deliver(message, undefined);
  }

  #deliver(message: MemoryMessage, expiryMs: number | undefined): PublishOutcome {
    const { topic, payload, qos = 0, retain = false, duplicate = false } = message;
    const bytes = typeof payload === "string" ? utf8.encode(payload) : payload;
    if (retain && bytes.length > 0) this.#retained.set(topic, message);
    if (retain && bytes.length === 0) this.#retained.delete(topic);
    const flags = { qos, retain: false, duplicate };
    const incoming: IncomingMessage = { topic, payload: bytes, ...flags, expiryMs };
    let receivers = 0;
    for (const link of this.#links.values()) if (link.deliver(incoming)) receivers += 1;
    if (qos === 0) return "sent";
    return receivers === 0 ? "no-subscribers" : "delivered";
  }

  #deliverRetained(link: MemoryLink, { filter, qos }: Subscription): void {
    for (const [topic, message] of this.#retained) {
      if (!matchesFilter(filter, topic)) continue;
      const { payload, qos: sentQoS = 0 } = message;
      const bytes = typeof payload === "string" ? utf8.encode(payload) : payload;
      const granted = sentQoS < qos ? sentQoS : qos;
      link.receive({ topic, payload: bytes, qos: granted, retain: true, duplicate: false });
    }
  }

  /**
   * Cuts every link, as a network that breaks does. Clients may dial again at once.
   * @example
   * broker.dropConnections(); // the clients reconnect
   */
  dropConnections(): void {
    for (const link of [...this.#links.values()]) link.lose(new Error("the connection was cut"));
  }

  /**
   * Cuts every link and refuses new ones until {@link MemoryBroker.start}.
   * @example
   * broker.stop(); // the clients go on trying
   */
  stop(): void {
    this.#isRunning = false;
    this.dropConnections();
  }

  /**
   * Admits clients again.
   * @example
   * broker.start();
   */
  start(): void {
    this.#isRunning = true;
  }
}
