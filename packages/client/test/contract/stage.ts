import type { MQTTClientOptions } from "../../src/index.ts";
import type {
  Broker,
  BrokerKind,
  BrokerOptions,
  CuttableBroker,
  LinkProxy,
  Peer,
  Route,
} from "./brokers/broker-kind.ts";
import type {
  Awaitable,
  ClientKind,
  ContractClient,
  ContractOptions,
  HandlerClasses,
} from "./client-under-test.ts";

/** Longer than any call takes that is meant to succeed, on a loaded machine too. */
const CALL_TIMEOUT_MS = 10_000;
/** Lost links come back without much ado. */
const RECONNECT = { minDelayMs: 1, maxDelayMs: 20 } as const;

/** Two roles that may be one client: where a client cannot serve while another one calls, they are. */
export interface Pair {
  readonly requester: ContractClient;
  readonly device: ContractClient;
}

/** Options of the two clients of a {@link Pair}; none may appear with both. */
export interface PairOptions {
  readonly requester?: ContractOptions;
  readonly device?: ContractOptions;
}

/**
 * Where the cases of the contract are played: one kind of client with one kind of broker. Everything
 * that a case gets here is ended with the case.
 */
export interface Stage {
  readonly name: string;
  readonly clients: Omit<ClientKind, "create">;
  readonly brokers: Omit<BrokerKind, "start" | "startProxy" | "startCuttable">;
  readonly handlers: HandlerClasses;
  /** An identifier that nobody else has. */
  identifier(role: string): string;
  /** A client that is not connected; by default of the broker that all cases share. */
  newClient(options?: ContractOptions, broker?: Broker): ContractClient;
  /** One that is. */
  client(options?: ContractOptions, broker?: Broker): Promise<ContractClient>;
  /** A requester and a device, connected. */
  pair(options?: PairOptions, broker?: Broker): Promise<Pair>;
  /** A client of a broker that is not among those of the stage. */
  strayClient(route: Route, options?: ContractOptions): ContractClient;
  /** A bare MQTT client of the same broker, for what the library would not send. */
  peer(broker?: Broker): Promise<Peer>;
  /** A broker of the case's own: one that is stopped, or that refuses something. */
  ownBroker(options?: BrokerOptions): Promise<Broker>;
  /** A broker of the case's own whose connections can be cut. */
  cuttableBroker(): Promise<CuttableBroker>;
  /** Something in front of a broker's port that breaks links. */
  proxy(port: number): Promise<LinkProxy>;
  /** Something else of the case's own, ended with it. */
  use<T extends AsyncDisposable>(resource: T): T;
  /** Makes calls at the same time and gives their results in the same order. */
  concurrently<T>(calls: readonly (() => Awaitable<T>)[]): Promise<readonly T[]>;
}

/** Counts the requests to groups that a client makes from now on; some of them may not be sent. */
const countGroupRequests = (client: ContractClient): { readonly count: number } => {
  const made = { count: 0 };
  const requestMany = client.requestMany.bind(client);
  client.requestMany = (options) => {
    if ("group" in options) made.count += 1;
    return requestMany(options);
  };
  return made;
};

let identifiers = 0;

/** A stage with its own beginning and end. */
export class ContractStage implements Stage {
  readonly name: string;
  /** Why nothing can be played here on this machine, if so. */
  readonly unavailable: string | undefined;
  readonly clients: ClientKind;
  readonly brokers: BrokerKind;
  readonly handlers: HandlerClasses;
  readonly #ends: (() => Awaitable<void>)[] = [];
  #shared: Broker | undefined;

  constructor(clients: ClientKind, brokers: BrokerKind) {
    this.name = `${clients.name}, ${brokers.name}, MQTT ${brokers.protocol}`;
    this.unavailable = brokers.unavailable;
    this.clients = clients;
    this.brokers = brokers;
    this.handlers = clients.handlers;
  }

  /** Before all cases. */
  async begin(): Promise<void> {
    this.#shared = await this.brokers.start();
  }

  /**
   * After each case: ends what it began, last things first.
   *
   * @throws {AggregateError} something did not end well; everything has been tried nevertheless.
   */
  async clear(): Promise<void> {
    const faults: unknown[] = [];
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      try {
        await end();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, "the case left something behind");
  }

  /** After all cases. */
  async end(): Promise<void> {
    await this.#shared?.end();
  }

  identifier(role: string): string {
    identifiers += 1;
    return `${role}-${identifiers}`;
  }

  newClient(options: ContractOptions = {}, broker: Broker = this.#sharedBroker()): ContractClient {
    return this.strayClient(broker.route, options);
  }

  strayClient(route: Route, options: ContractOptions = {}): ContractClient {
    return this.#track({ ...this.#defaults(), ...options, ...route });
  }

  async client(options?: ContractOptions, broker?: Broker): Promise<ContractClient> {
    const client = this.newClient(options, broker);
    await client.connect();
    return client;
  }

  async pair(options: PairOptions = {}, broker?: Broker): Promise<Pair> {
    const device = await this.client(
      this.clients.servesWhileOthersCall
        ? { identifier: this.identifier("device"), ...options.device }
        : { ...options.requester, ...options.device },
      broker,
    );
    if (!this.clients.servesWhileOthersCall) return { requester: device, device };
    return { requester: await this.client(options.requester, broker), device };
  }

  async peer(broker: Broker = this.#sharedBroker()): Promise<Peer> {
    const peer = await broker.peer();
    this.#ends.push(() => peer.close());
    return peer;
  }

  async ownBroker(options?: BrokerOptions): Promise<Broker> {
    const broker = await this.brokers.start(options);
    this.#ends.push(() => broker.end());
    return broker;
  }

  async cuttableBroker(): Promise<CuttableBroker> {
    const broker = await this.brokers.startCuttable();
    this.#ends.push(() => broker.end());
    return broker;
  }

  async proxy(port: number): Promise<LinkProxy> {
    const proxy = await this.brokers.startProxy(port);
    this.#ends.push(() => proxy.close());
    return proxy;
  }

  use<T extends AsyncDisposable>(resource: T): T {
    this.#ends.push(async () => resource[Symbol.asyncDispose]());
    return resource;
  }

  async concurrently<T>(calls: readonly (() => Awaitable<T>)[]): Promise<readonly T[]> {
    return Promise.all(calls.map(async (call) => call()));
  }

  #sharedBroker(): Broker {
    if (this.#shared === undefined) throw new Error("the stage has not begun");
    return this.#shared;
  }

  #defaults(): Pick<MQTTClientOptions, "identifier" | "timeoutMs" | "reconnect" | "logLevel"> {
    const identifier = this.identifier("client");
    return { identifier, timeoutMs: CALL_TIMEOUT_MS, reconnect: RECONNECT, logLevel: "silent" };
  }

  #track(options: MQTTClientOptions): ContractClient {
    const client = this.clients.create(options);
    const groupRequests = countGroupRequests(client);
    this.#ends.push(async () => {
      // Cases leave handlers behind that never end.
      await client.disconnect({ drainMs: 0 });
      const { requestsInFlight, requestsSent, responsesReceived, requestsUnanswered } =
        client.statistics;
      const ended = responsesReceived + requestsUnanswered;
      // One to a group may be answered by any number of devices, and never counts as ended.
      const notEnded = requestsSent - ended;
      if (requestsInFlight > 0 || notEnded < 0 || notEnded > groupRequests.count) {
        const counts = `sent ${requestsSent}, ended ${ended}, in flight ${requestsInFlight}`;
        throw new Error(`the requests of ${client.identifier} do not add up: ${counts}`);
      }
    });
    return client;
  }
}
