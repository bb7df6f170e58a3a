import { LinkLostError, PublishRefusedError } from "../errors/connection-errors.ts";
import { reasonCodeName } from "../errors/reason-code.ts";
import { systemClock } from "../runtime/platform.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { WaitSet } from "../runtime/wait-set.ts";
import type { BrokerLimits } from "./broker-limits.ts";
import { limitRefusal } from "./broker-limits.ts";
import type { WindowPorts } from "./in-flight-window.ts";
import { InFlightWindow } from "./in-flight-window.ts";
import { IncomingPublishes } from "./incoming-publishes.ts";
import type { ControlPacket } from "./control-packet.ts";
import { ProtocolFault } from "./packet-frames.ts";
import { explanationIn } from "./packet-properties.ts";
import type { PacketStream } from "./packet-stream.ts";
import { PacketType } from "./packet-type.ts";
import type { WritableSocket } from "./packet-writer.ts";
import { PacketWriter } from "./packet-writer.ts";
import type { Suback, SubscribeBatch } from "./subscribe-batch.ts";
import { subscribeBatches, verdictsOn } from "./subscribe-batch.ts";
import type {
  DialRequest,
  Link,
  OutgoingMessage,
  ProtocolLevel,
  PublishOutcome,
  SubscribeResult,
  Subscription,
} from "./transport.ts";

/** Longest wait for the last acknowledgements and the DISCONNECT when closing, in ms. */
const CLOSE_GRACE_MS = 1_000;

/** The part of a dial that outlives it. */
export interface LinkRequest extends Pick<
  DialRequest,
  "broker" | "clientId" | "onMessage" | "onLost"
> {
  readonly level: ProtocolLevel;
  readonly stream: PacketStream;
  /** Gives out packet identifiers, to MQTT.js as well. */
  readonly ids: WindowPorts["ids"];
}

/** What the link needs of the socket. */
export interface LinkSocket extends WritableSocket {
  end(lastPacket: Uint8Array, done: () => void): unknown;
  destroy(): unknown;
}

/** What the link needs of an MQTT.js client. */
export interface SessionClient {
  readonly stream: LinkSocket;
  subscribe(
    topics: SubscribeBatch["topics"],
    settings: SubscribeBatch["settings"],
    done: (error: Error | null, subscriptions?: unknown, suback?: Suback) => void,
  ): unknown;
  unsubscribe(filters: string[], done: (error?: Error | null) => void): unknown;
  sendPing(): unknown;
  end(force: boolean, settings: object, done: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "close", listener: () => void): unknown;
}

/**
 * One connection from CONNACK to its end. PUBLISH and what belongs to it are its own; MQTT.js subscribes, keeps
 * the connection alive and ends it. MQTT.js forgets some callbacks when the socket goes; this doesn't.
 */
export class MqttLink implements Link {
  readonly protocolLevel: ProtocolLevel;
  readonly #client: SessionClient;
  readonly #request: LinkRequest;
  readonly #limits: BrokerLimits;
  readonly #writer: PacketWriter;
  readonly #window: InFlightWindow;
  readonly #incoming: IncomingPublishes;
  readonly #waiting = new WaitSet<never>();
  #lost: LinkLostError | undefined;
  #closing: Promise<void> | undefined;

  constructor(client: SessionClient, request: LinkRequest, limits: BrokerLimits) {
    const { level } = request;
    this.protocolLevel = level;
    this.#client = client;
    this.#request = request;
    this.#limits = limits;
    this.#writer = new PacketWriter(client.stream, level, () => {
      request.stream.setPaused(false);
      this.#window.fill();
    });
    this.#window = new InFlightWindow(limits.receiveMaximum, {
      ids: request.ids,
      canSend: () => !this.#writer.isFull,
      send: (publish, messageId) => void this.#writer.writePublish(publish, messageId),
      release: (messageId) => {
        this.#acknowledge(PacketType.PUBREL, messageId);
      },
      refusal: (topic, { reasonCode, properties }) => {
        const explanation = explanationIn(properties);
        return new PublishRefusedError(topic, { broker: request.broker, reasonCode, explanation });
      },
    });
    this.#incoming = new IncomingPublishes((type, messageId) => {
      this.#acknowledge(type, messageId);
    });
  }

  /** Begins to deliver what comes in. */
  open(): void {
    const { stream, onMessage } = this.#request;
    stream.open({
      onMessage,
      onPublish: (publish) => {
        this.#incoming.take(publish, onMessage);
      },
      onControl: (packet) => {
        this.#takeControl(packet);
      },
      onFault: (fault) => {
        this.abort(fault);
      },
    });
    this.#client.on("error", (error) => {
      this.abort(error);
    });
    this.#client.on("close", () => {
      this.#lose(new Error("the connection was closed"));
    });
  }

  #takeControl(packet: ControlPacket): void {
    const { type, messageId, reasonCode, properties } = packet;
    if (type === PacketType.PUBREL) this.#incoming.release(messageId);
    else if (type !== PacketType.DISCONNECT) this.#window.acknowledge(packet);
    else {
      const reason = [reasonCodeName(reasonCode), explanationIn(properties) ?? []].flat();
      this.abort(new Error(`the broker ended it: ${reason.join(", ")}`));
    }
  }

  #acknowledge(type: number, messageId: number): void {
    this.#writer.writeAcknowledgement(type, messageId);
    // What comes in would have to be answered, too.
    if (this.#writer.isFull) this.#request.stream.setPaused(true);
  }

  get activity(): number {
    return this.#request.stream.activity;
  }

  get oldestPublish(): number | undefined {
    return this.#window.oldest;
  }

  get #hasEnded(): boolean {
    return this.#lost !== undefined || this.#closing !== undefined;
  }

  #lostError(cause: Error): LinkLostError {
    return new LinkLostError(this.#request.broker, { cause });
  }

  /** The error of a call that comes too late. */
  #endedError(): LinkLostError {
    return this.#lost ?? this.#lostError(new Error("the link was closed"));
  }

  /** The end of the link, however it came about: nothing that waits for it waits on. */
  #lose(cause: Error): void {
    if (this.#lost !== undefined) return;
    const lost = this.#lostError(cause);
    this.#lost = lost;
    this.#request.stream.close();
    this.#writer.end(lost);
    this.#window.end(lost);
    this.#waiting.rejectAll(() => lost);
    if (this.#closing === undefined) this.#request.onLost(lost);
  }

  probe(): void {
    if (!this.#hasEnded) this.#client.sendPing();
  }

  abort(cause: Error): void {
    if (this.#lost !== undefined) return;
    this.#lose(cause);
    const destroy = (): void => void this.#client.end(true, {}, () => {});
    if (!(cause instanceof ProtocolFault) || this.protocolLevel === 4) {
      destroy();
      return;
    }
    // The broker is told why (MQTT 5 §4.13.1), if it takes the packet.
    const stopTimer = systemClock.startTimer(destroy, CLOSE_GRACE_MS);
    const disconnect = Uint8Array.of(PacketType.DISCONNECT << 4, 1, cause.reasonCode);
    this.#client.stream.end(disconnect, () => {
      stopTimer();
      destroy();
    });
  }

  /** A promise for an answer that MQTT.js waits for, which the end of the link also settles. */
  #call<T>(
    start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) {
        reject(this.#endedError());
        return;
      }
      const leave = this.#waiting.add({ resolve, reject });
      start(
        (value) => {
          leave();
          resolve(value);
        },
        (error) => {
          leave();
          // MQTT.js fails what is under way a moment before it closes a link, for instance one gone silent.
          reject(this.#lostError(error));
        },
      );
    });
  }

  publish(message: OutgoingMessage, deadline?: Deadline): PublishOutcome | Promise<PublishOutcome> {
    const refusal = limitRefusal(message, this.#limits);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#hasEnded) return Promise.reject(this.#endedError());
    const wanted = { message, deadline };
    return message.qos === 0 ? this.#writer.publish(wanted) : this.#window.publish(wanted);
  }

  async subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribeResult[]> {
    const results = subscribeBatches(subscriptions).map((batch) => this.#subscribeBatch(batch));
    return (await Promise.all(results)).flat();
  }

  #subscribeBatch(batch: SubscribeBatch): Promise<readonly SubscribeResult[]> {
    const { filters, topics, settings } = batch;
    return this.#call((resolve, reject) => {
      this.#client.subscribe(topics, settings, (error, _subscriptions, suback) => {
        const verdicts = verdictsOn(filters, suback);
        if (verdicts === undefined) reject(error ?? new Error("the SUBACK held no reason codes"));
        else resolve(verdicts);
      });
    });
  }

  unsubscribe(filters: readonly string[]): Promise<void> {
    return this.#call((resolve, reject) => {
      this.#client.unsubscribe([...filters], (error) => {
        if (error) reject(error);
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
      const finish = (): void => {
        stopTimer();
        this.#lose(new Error("the link was closed"));
        resolve();
      };
      const stopTimer = systemClock.startTimer(() => {
        this.#client.stream.destroy();
        finish();
      }, CLOSE_GRACE_MS);
      if (this.#lost !== undefined) this.#client.end(true, {}, finish);
      // What is under way may still be acknowledged.
      else {
        this.#window.drain(this.#endedError(), () => void this.#client.end(false, {}, finish));
      }
    });
  }
}
