import type { Deadline } from "../runtime/deadline.ts";
import type { Logger } from "../runtime/logger.ts";

/** MQTT quality of service: 0 at most once, 1 at least once, 2 exactly once (MQTT 5 §4.3). */
export type QoS = 0 | 1 | 2;

/** MQTT protocol level on the wire: 4 is MQTT 3.1.1, 5 is MQTT 5 (MQTT 5 §3.1.2.2). */
export type ProtocolLevel = 4 | 5;

/** TLS settings of a dial, as Node's `tls.connect` takes them. Ignored where the runtime does TLS itself (browsers). */
export interface TlsOptions {
  /**
   * Certificate authorities to trust, PEM.
   * @default the runtime's own
   */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * Client certificate, PEM.
   * @default none
   */
  readonly cert?: string | Uint8Array;
  /**
   * Private key of `cert`, PEM.
   * @default none
   */
  readonly key?: string | Uint8Array;
  /**
   * Refuse a certificate that no authority vouches for.
   * @default true
   */
  readonly rejectUnauthorized?: boolean;
  /**
   * Name to check the certificate against and to send as SNI.
   * @default the broker's host name
   */
  readonly servername?: string;
}

/** What the broker is to publish when the link ends otherwise than by `Link.close()`: the Last Will (MQTT 5 §3.1.2.5). */
export interface WillMessage {
  readonly topic: string;
  /** Text, sent as UTF-8. */
  readonly payload: string;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** Where and as whom to connect. Made anew for every dial. */
export interface DialRequest {
  /** Broker URL without credentials, port included: `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  /** Name of the broker in errors and logs: the URL less its query, which may hold a token. */
  readonly broker: string;
  readonly clientId: string;
  /** `auto` tries MQTT 5 and falls back to 3.1.1 when the broker refuses it. */
  readonly protocolLevel: ProtocolLevel | "auto";
  readonly keepAliveMs: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsOptions | undefined;
  readonly will?: WillMessage | undefined;
  /** Longest time until the broker has accepted the connection, in ms. */
  readonly timeoutMs: number;
  /** Ends the dial; it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly logger?: Logger | undefined;
  /** Called for every PUBLISH that arrives on the link, in order. Must not throw. */
  readonly onMessage: (message: IncomingMessage) => void;
  /** Called once, after the dial succeeded, when the link is gone; not after `Link.close()`. */
  readonly onLost: (cause: Error) => void;
}

/** An application message as it came off the wire. */
export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** The broker says this may be a redelivery (MQTT 5 §3.3.1.1). */
  readonly duplicate: boolean;
  /** How long somebody still wants it, in ms, where the broker says so (MQTT 5 §3.3.2.3.3). */
  readonly expiryMs?: number | undefined;
}

/** An application message to send. The properties are sent under MQTT 5 and left out under 3.1.1. */
export interface OutgoingMessage {
  readonly topic: string;
  /** Text is sent as UTF-8. */
  readonly payload: string | Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Media type of the payload (MQTT 5 §3.3.2.3.9); undefined: JSON, as everywhere in this protocol. */
  readonly contentType?: string | undefined;
  /**
   * The broker drops the message when nobody took it by the deadline of the call: it is sent with the time
   * that remains when it is written, in whole seconds, rounded up (MQTT 5 §3.3.2.3.3). Default false.
   */
  readonly expires?: boolean;
  /** Topic for the answer (MQTT 5 §3.3.2.3.5). */
  readonly responseTopic?: string;
  /** Ties the answer to the request (MQTT 5 §3.3.2.3.6). */
  readonly correlationData?: string;
}

/**
 * What is certain once a publish has resolved.
 * `sent`: handed to the operating system (QoS 0). `delivered`: the broker took responsibility (QoS 1 and 2).
 * `no-subscribers`: it did, and nobody is subscribed (MQTT 5 reason code 0x10).
 */
export type PublishOutcome = "sent" | "delivered" | "no-subscribers";

export interface Subscription {
  readonly filter: string;
  readonly qos: QoS;
}

/** The broker's answer to one topic filter: the granted QoS, or its reason code from 128 on (MQTT 5 §3.9.3). */
export interface SubscribeResult {
  readonly filter: string;
  readonly granted: QoS | undefined;
  readonly reasonCode: number;
  /** What the broker says of a refusal beside that. */
  readonly explanation?: string | undefined;
}

/** One live connection to a broker. All its promises reject with `LinkLostError` when it goes. */
export interface Link {
  readonly protocolLevel: ProtocolLevel;
  /** Grows with all that comes from the broker: as long as it does, the link is alive. */
  readonly activity: number;
  /** Which publish has waited longest for the acknowledgement that is due next, as a number of its own; undefined: none waits. */
  readonly oldestPublish: number | undefined;
  /**
   * Sends one message. It waits for room where the broker has as many unacknowledged ones as it takes
   * (MQTT 5 §4.9), and where the socket takes no more. What reaches its deadline by then is never sent. Where
   * there is nothing to wait for, the outcome comes at once. Never throws.
   *
   * @param deadline - ends every wait: with its `timeoutError()`, or with the reason of its signal. Default: none.
   */
  publish(message: OutgoingMessage, deadline?: Deadline): PublishOutcome | Promise<PublishOutcome>;
  /** Subscribes and waits for the broker's verdict on each filter. A refused filter is a result, not a rejection. */
  subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribeResult[]>;
  unsubscribe(filters: readonly string[]): Promise<void>;
  /** Asks the broker for a sign of life (PINGREQ, MQTT 5 §3.12); what comes of it shows in `activity`. */
  probe(): void;
  /** Ends the link at once as if it had been lost: `onLost` is told, with this cause. No effect on one that has ended. */
  abort(cause: Error): void;
  /** Sends DISCONNECT and lets go of the socket. Idempotent, never rejects, always ends. */
  close(): Promise<void>;
}

/** A way to reach brokers. The library brings one over MQTT.js and one in memory; tests may bring their own. */
export interface Transport {
  /** Opens one connection; rejects with what went wrong, as the library below said it. */
  dial(request: DialRequest): Promise<Link>;
}
