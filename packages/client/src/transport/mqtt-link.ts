import { LinkLostError, PublishRefusedError } from "../errors/connection-errors.ts";
import { reasonCodeName } from "../errors/reason-code.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { remainingMs } from "../runtime/deadline.ts";
import type { BrokerLimits } from "./broker-limits.ts";
import { refusalCode } from "./broker-limits.ts";
import { InFlightWindow } from "./in-flight-window.ts";
import type { Acknowledged, PacketClient, PublishSettings } from "./packet-client.ts";
import type { PacketReader } from "./packet-reader.ts";
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

interface Sending {
  readonly message: OutgoingMessage;
  readonly expiryMs: number | undefined;
}

const expiryMsOf = (
  { expires = false }: OutgoingMessage,
  deadline: Deadline | undefined,
): number | undefined => (expires && deadline !== undefined ? remainingMs(deadline) : undefined);

const propertiesOf = (
  message: OutgoingMessage,
  expiryMs: number | undefined,
): PublishSettings["properties"] => ({
  ...(expiryMs === undefined ? {} : { messageExpiryInterval: expirySeconds(expiryMs) }),
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
  #activity = 0;
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
    request.reader.deliverTo((message) => {
      this.#activity += 1;
      request.onMessage(message);
    });
    client.on("message", (topic, payload, { qos = 0, retain = false, dup = false }) => {
      request.onMessage({ topic, payload, qos, retain, duplicate: dup });
    });
    client.on("packetreceive", ({ cmd, messageId, reasonCode }) => {
      this.#activity += 1;
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

  publish(message: OutgoingMessage, deadline?: Deadline): PublishOutcome | Promise<PublishOutcome> {
    const refusal = refusalCode(message, this.#limits);
    if (refusal !== undefined) {
      return Promise.reject(new PublishRefusedError(message.topic, refusal, this.#broker));
    }
    return message.qos === 0
      ? this.#publishUnacknowledged(message, deadline)
      : this.#publishInWindow(message, deadline);
  }

  #publishUnacknowledged(
    message: OutgoingMessage,
    deadline?: Deadline,
  ): PublishOutcome | Promise<PublishOutcome> {
    if (this.#hasEnded) return Promise.reject(this.#lostError());
    const room = this.#writer.write(message, expiryMsOf(message, deadline));
    if (room === undefined) return "sent";
    return this.#call<PublishOutcome>((resolve) => {
      void room.then(() => {
        resolve("sent");
      });
    });
  }

  #publishInWindow(message: OutgoingMessage, deadline?: Deadline): Promise<PublishOutcome> {
    return this.#call<PublishOutcome>((resolve, reject) => {
      this.#window.enter(() => {
        const expiryMs = expiryMsOf(message, deadline);
        this.#send({ message, expiryMs }, (error, packet) => {
          this.#window.release();
          if (error) reject(this.#publishError(message.topic, error));
          else resolve(this.#outcomeOf(packet?.messageId));
        });
      });
    });
  }

  #send({ message, expiryMs }: Sending, done: Acknowledged): void {
    const settings: PublishSettings = { qos: message.qos, retain: message.retain };
    const properties = this.protocolLevel === 5 ? propertiesOf(message, expiryMs) : undefined;
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

  get activity(): number {
    return this.#activity;
  }

  probe(): void {
    if (!this.#hasEnded) this.#client.sendPing();
  }

  abort(cause: Error): void {
    if (this.#hasEnded) return;
    this.#lastError = cause;
    this.#client.stream.destroy();
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
