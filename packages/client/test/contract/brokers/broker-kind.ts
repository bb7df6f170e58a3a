import type { MQTTClientOptions, QoS } from "../../../src/index.ts";
import type { Arrivals } from "../arrivals.ts";
import type { Awaitable } from "../client-under-test.ts";
import type { Heard } from "./hearing.ts";

/** A message as bytes go over the wire, whether the protocol allows it or not. */
export interface RawMessage {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
}

/** A bare MQTT client: sends what no client of the library would, and hears what they send. */
export interface Peer {
  /** Publishes and does not wait; what one peer sends arrives in order. */
  send(message: RawMessage): void;
  /** Publishes and waits until that is done, with QoS 1 and 2 until the broker has it. */
  publish(message: RawMessage): Promise<void>;
  /** Subscribes and waits until that is granted. */
  listen(filter: string, qos?: QoS): Promise<Arrivals<Heard>>;
  close(): Promise<void>;
}

/** What leads a client to a broker. */
export interface Route extends Pick<MQTTClientOptions, "transport" | "protocolVersion"> {
  readonly broker: string;
}

/** A running broker. */
export interface Broker {
  readonly route: Route;
  peer(): Promise<Peer>;
  /** Ends it; its clients lose their link and find nobody when they dial. */
  stop(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** Ends it for good. */
  end(): Promise<void>;
}

/** A broker whose connections can be cut while it goes on. */
export interface CuttableBroker extends Broker {
  dropConnections(): void;
}

/** Something between clients and a broker that breaks links in the ways that links break. */
export interface LinkProxy {
  /** Where clients connect. */
  readonly url: string;
  /** Forwards nothing more, either way, and keeps all sockets open. */
  freeze(): Awaitable<void>;
  /** Ends a freeze; what was held back goes on. */
  thaw(): Awaitable<void>;
  /** Destroys every connection. */
  cut(): Awaitable<void>;
  close(): Promise<void>;
}

/** Something that clients connect to and that can be stopped, wherever it runs. */
export interface Reachable extends Pick<
  CuttableBroker,
  "stop" | "start" | "end" | "dropConnections"
> {
  readonly url: string;
}

/** What a broker may be told to refuse. */
export interface BrokerOptions {
  /** The only user; without it, everybody may connect. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Topic filters that nobody may subscribe to. */
  readonly refusedFilters?: readonly string[];
}

/** A kind of broker, with the MQTT version that clients speak to it. */
export interface BrokerKind {
  readonly name: string;
  readonly protocol: "5" | "3.1.1";
  /** Why it cannot be started on this machine, if so. */
  readonly unavailable: string | undefined;
  /** Why it cannot be told to refuse subscriptions, if so. */
  readonly cannotRefuseFilters: string | undefined;
  /** With which QoS it says so when nobody is subscribed to a message (MQTT 5 §3.4.2.1, §3.5.2.1). */
  readonly reportsNoSubscribers: readonly QoS[];
  /** Whether it is reached over a network, so that its host can be one where nothing listens. */
  readonly isNetworked: boolean;
  start(options?: BrokerOptions): Promise<Broker>;
  /** Starts something in front of a broker's port. */
  startProxy(port: number): Promise<LinkProxy>;
  startCuttable(): Promise<CuttableBroker>;
}
