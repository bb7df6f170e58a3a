import { LinkLostError, PublishRefusedError } from "../protocol/errors.ts";
import { reasonCodeName } from "../protocol/reason-code.ts";
import { systemClock } from "../runtime/clock.ts";
import { InFlightWindow } from "./in-flight-window.ts";
import type { SubscribeBatch } from "./subscribe-batch.ts";
import { subscribeBatches } from "./subscribe-batch.ts";
import type {
  DialRequest,
  Link,
  OutgoingMessage,
  ProtocolLevel,
  PublishOutcome,
  QoS,
  SubscribeResult,
  Subscription,
} from "./transport.ts";

/** Mosquitto takes 20 at once and, under 3.1.1, cannot say so; what comes on top it may drop. */
const DEFAULT_RECEIVE_MAXIMUM = 20;
/** Longest wait for the last acknowledgements and the DISCONNECT when closing, in ms. */
const CLOSE_GRACE_MS = 1_000;
const NO_MATCHING_SUBSCRIBERS = 0x10;
const UNSPECIFIED_ERROR = 0x80;
const PACKET_TOO_LARGE = 0x95;
const RETAIN_NOT_SUPPORTED = 0x9a;
const QOS_NOT_SUPPORTED = 0x9b;

/** What the broker said in CONNACK about what it takes (MQTT 5 §3.2.2.3). */
export interface BrokerLimits {
  readonly receiveMaximum?: number;
  readonly maximumQoS?: number;
  readonly retainAvailable?: boolean;
  readonly maximumPacketSize?: number;
}

/** The part of a dial that outlives it. */
export interface LinkRequest extends Pick<DialRequest, "url" | "onMessage" | "onLost"> {
  readonly level: ProtocolLevel;
}

interface Packet {
  readonly cmd?: string;
  readonly topic?: string;
  readonly payload?: unknown;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly messageId?: number;
  readonly reasonCode?: number;
  readonly granted?: readonly number[];
}

interface PublishSettings {
  qos: QoS;
  retain: boolean;
  properties?: {
    messageExpiryInterval?: number;
    responseTopic?: string;
    correlationData?: string;
  };
}

type Acknowledged = (error?: Error | null, packet?: Packet) => void;

/** What the link needs of an MQTT.js client. */
export interface PacketClient {
  readonly stream: { destroy(error?: Error): unknown };
  publish(topic: string, payload: string, settings: PublishSettings, done: Acknowledged): unknown;
  subscribe(
    filters: string[],
    settings: { qos: QoS },
    done: (error: Error | null, subscriptions?: unknown, suback?: Packet) => void,
  ): unknown;
  unsubscribe(filters: string[], done: Acknowledged): unknown;
  end(force: boolean, settings: object, done: () => void): unknown;
  on(event: "message", listener: (t: string, p: Uint8Array, packet: Packet) => void): unknown;
  on(event: "packetreceive" | "disconnect", listener: (packet: Packet) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "close", listener: () => void): unknown;
}

const propertiesOf = (message: OutgoingMessage): PublishSettings["properties"] => ({
  ...(message.expiryMs === undefined
    ? {}
    : { messageExpiryInterval: Math.max(1, Math.ceil(message.expiryMs / 1000)) }),
  ...(message.responseTopic === undefined ? {} : { responseTopic: message.responseTopic }),
  ...(message.correlationData === undefined ? {} : { correlationData: message.correlationData }),
});

/** Fixed header, packet identifier, property and string lengths: more than they ever take beside the texts. */
const PACKET_OVERHEAD_BYTES = 64;
const MOST_UTF8_BYTES_PER_UNIT = 3;

const exceeds = (message: OutgoingMessage, packetLimit: number): boolean => {
  const limit = packetLimit - PACKET_OVERHEAD_BYTES;
  const { topic, payload, responseTopic = "", correlationData = "" } = message;
  const text = topic.length + payload.length + responseTopic.length + correlationData.length;
  if (text * MOST_UTF8_BYTES_PER_UNIT <= limit) return false;
  return new TextEncoder().encode(topic + payload + responseTopic + correlationData).length > limit;
};

const subscribeResult = (filter: string, code: number | undefined): SubscribeResult => ({
  filter,
  granted: code === 0 || code === 1 || code === 2 ? code : undefined,
  reasonCode: code ?? UNSPECIFIED_ERROR,
});

/** One MQTT.js connection from CONNACK to its end. MQTT.js forgets some callbacks when the socket goes; this doesn't. */
export class MqttLink implements Link {
  readonly protocolLevel: ProtocolLevel;
  readonly #client: PacketClient;
  readonly #broker: string;
  readonly #limits: BrokerLimits;
  readonly #window: InFlightWindow;
  /** Rejects every call that still waits when the link goes. */
  readonly #waiting = new Set<(error: Error) => void>();
  /** Publishes acknowledged with "no matching subscribers", which MQTT.js keeps to itself. */
  readonly #unsubscribed = new Set<number>();
  #lastError: Error | undefined;
  #lost: LinkLostError | undefined;
  #closing: Promise<void> | undefined;

  constructor(client: PacketClient, request: LinkRequest, limits: BrokerLimits) {
    this.protocolLevel = request.level;
    this.#client = client;
    this.#broker = request.url;
    this.#limits = limits;
    this.#window = new InFlightWindow(limits.receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM);
    this.#listen(request);
  }

  #listen(request: LinkRequest): void {
    const client = this.#client;
    client.on("message", (topic, payload, { qos = 0, retain = false, dup = false }) => {
      request.onMessage({ topic, payload, qos, retain, duplicate: dup });
    });
    client.on("packetreceive", ({ cmd, messageId, reasonCode }) => {
      const acknowledges = cmd === "puback" || cmd === "pubrec";
      if (acknowledges && reasonCode === NO_MATCHING_SUBSCRIBERS && messageId !== undefined) {
        this.#unsubscribed.add(messageId);
      }
    });
    client.on("error", (error) => {
      this.#lastError = error;
    });
    client.on("disconnect", ({ reasonCode = 0 }) => {
      this.#lastError = new Error(`the broker ended it: ${reasonCodeName(reasonCode)}`);
    });
    client.on("close", () => {
      this.#endCalls();
      if (this.#closing === undefined) request.onLost(this.#lostError());
    });
  }

  #lostError(): LinkLostError {
    const cause = this.#lastError ?? new Error("the connection was closed");
    this.#lost ??= new LinkLostError(this.#broker, { cause });
    return this.#lost;
  }

  #endCalls(): void {
    const error = this.#lostError();
    for (const reject of [...this.#waiting]) reject(error);
    this.#waiting.clear();
  }

  /** A promise for one acknowledgement, which the end of the link also settles. */
  #call<T>(
    start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined || this.#closing !== undefined) {
        reject(this.#lostError());
        return;
      }
      this.#waiting.add(reject);
      start(
        (value) => {
          this.#waiting.delete(reject);
          resolve(value);
        },
        (error) => {
          this.#waiting.delete(reject);
          reject(error);
        },
      );
    });
  }

  /** Sending what the broker has ruled out would cost the connection (MQTT 5 §3.2.2.3). */
  #refusalOf(message: OutgoingMessage): PublishRefusedError | undefined {
    const { maximumQoS, retainAvailable, maximumPacketSize } = this.#limits;
    const refusal = (code: number): PublishRefusedError =>
      new PublishRefusedError(message.topic, code, this.#broker);
    if (maximumQoS !== undefined && message.qos > maximumQoS) return refusal(QOS_NOT_SUPPORTED);
    if (retainAvailable === false && message.retain) return refusal(RETAIN_NOT_SUPPORTED);
    if (maximumPacketSize !== undefined && exceeds(message, maximumPacketSize)) {
      return refusal(PACKET_TOO_LARGE);
    }
    return undefined;
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    const refusal = this.#refusalOf(message);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#call<PublishOutcome>((resolve, reject) => {
      if (message.qos === 0) {
        this.#send(message, (error) => {
          if (error) reject(this.#callError(error));
          else resolve("sent");
        });
        return;
      }
      this.#window.enter(() => {
        this.#send(message, (error, packet) => {
          this.#window.release();
          if (error) reject(this.#publishError(message.topic, error));
          else resolve(this.#outcomeOf(packet?.messageId));
        });
      });
    });
  }

  #send(message: OutgoingMessage, done: Acknowledged): void {
    const settings: PublishSettings = { qos: message.qos, retain: message.retain };
    const properties = this.protocolLevel === 5 ? propertiesOf(message) : undefined;
    if (properties !== undefined) settings.properties = properties;
    this.#client.publish(message.topic, message.payload, settings, done);
  }

  #publishError(topic: string, error: Error): Error {
    return "code" in error && typeof error.code === "number"
      ? new PublishRefusedError(topic, error.code, this.#broker)
      : this.#callError(error);
  }

  /** MQTT.js fails what is under way a moment before it closes a link, for instance one gone silent. */
  #callError(cause: Error): LinkLostError {
    return new LinkLostError(this.#broker, { cause });
  }

  #outcomeOf(messageId: number | undefined): PublishOutcome {
    const nobody = messageId !== undefined && this.#unsubscribed.delete(messageId);
    return nobody ? "no-subscribers" : "delivered";
  }

  async subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribeResult[]> {
    const results = subscribeBatches(subscriptions).map((batch) => this.#subscribeBatch(batch));
    return (await Promise.all(results)).flat();
  }

  #subscribeBatch({ qos, filters }: SubscribeBatch): Promise<readonly SubscribeResult[]> {
    return this.#call((resolve, reject) => {
      this.#client.subscribe([...filters], { qos }, (error, _subscriptions, suback) => {
        const codes = suback?.granted;
        if (codes !== undefined) {
          resolve(filters.map((filter, at) => subscribeResult(filter, codes[at])));
        } else {
          reject(this.#callError(error ?? new Error("the SUBACK held no reason codes")));
        }
      });
    });
  }

  unsubscribe(filters: readonly string[]): Promise<void> {
    return this.#call((resolve, reject) => {
      this.#client.unsubscribe([...filters], (error) => {
        if (error) reject(this.#callError(error));
        else resolve();
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      const stopTimer = systemClock.startTimer(() => {
        this.#client.stream.destroy();
        resolve();
      }, CLOSE_GRACE_MS);
      this.#client.end(false, {}, () => {
        stopTimer();
        this.#endCalls();
        resolve();
      });
    });
  }
}
