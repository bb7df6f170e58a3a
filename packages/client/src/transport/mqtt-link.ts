import { LinkLostError, PublishRefusedError } from "../errors/connection-errors.ts";
import { reasonCodeName } from "../errors/reason-code.ts";
import { systemClock } from "../runtime/clock.ts";
import type { BrokerLimits } from "./broker-limits.ts";
import { refusalCode } from "./broker-limits.ts";
import { InFlightWindow } from "./in-flight-window.ts";
import type { PacketReader } from "./packet-reader.ts";
import type { PacketStream } from "./packet-writer.ts";
import { PacketWriter } from "./packet-writer.ts";
import { expirySeconds } from "./publish-encoder.ts";
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

/** The part of a dial that outlives it. */
export interface LinkRequest extends Pick<
  DialRequest,
  "broker" | "clientId" | "onMessage" | "onLost"
> {
  readonly level: ProtocolLevel;
  readonly reader: Pick<PacketReader, "deliverTo">;
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
  readonly stream: PacketStream;
  publish(topic: string, payload: string, settings: PublishSettings, done: Acknowledged): unknown;
  subscribe(
    topics: SubscribeBatch["topics"],
    settings: SubscribeBatch["settings"],
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
    : { messageExpiryInterval: expirySeconds(message.expiryMs) }),
  ...(message.responseTopic === undefined ? {} : { responseTopic: message.responseTopic }),
  ...(message.correlationData === undefined ? {} : { correlationData: message.correlationData }),
});

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
  readonly #writer: PacketWriter;
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
    this.#broker = request.broker;
    this.#limits = limits;
    this.#window = new InFlightWindow(limits.receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM);
    this.#writer = new PacketWriter(client.stream, request.level);
    this.#listen(request);
  }

  #listen(request: LinkRequest): void {
    const client = this.#client;
    request.reader.deliverTo(request.onMessage);
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

  get #hasEnded(): boolean {
    return this.#lost !== undefined || this.#closing !== undefined;
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
      if (this.#hasEnded) {
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

  publish(message: OutgoingMessage): PublishOutcome | Promise<PublishOutcome> {
    const refusal = refusalCode(message, this.#limits);
    if (refusal !== undefined) {
      return Promise.reject(new PublishRefusedError(message.topic, refusal, this.#broker));
    }
    return message.qos === 0
      ? this.#publishUnacknowledged(message)
      : this.#publishInWindow(message);
  }

  #publishUnacknowledged(message: OutgoingMessage): PublishOutcome | Promise<PublishOutcome> {
    if (this.#hasEnded) return Promise.reject(this.#lostError());
    const room = this.#writer.write(message);
    if (room === undefined) return "sent";
    return this.#call<PublishOutcome>((resolve) => {
      void room.then(() => {
        resolve("sent");
      });
    });
  }

  #publishInWindow(message: OutgoingMessage): Promise<PublishOutcome> {
    return this.#call<PublishOutcome>((resolve, reject) => {
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

  #subscribeBatch(batch: SubscribeBatch): Promise<readonly SubscribeResult[]> {
    const { filters, topics, settings } = batch;
    return this.#call((resolve, reject) => {
      this.#client.subscribe(topics, settings, (error, _subscriptions, suback) => {
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
        this.#endCalls();
        resolve();
      }, CLOSE_GRACE_MS);
      const isForced = this.#lost !== undefined;
      this.#client.end(isForced, {}, () => {
        stopTimer();
        this.#endCalls();
        resolve();
      });
    });
  }
}
