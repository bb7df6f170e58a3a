import { LinkLostError, PublishRefusedError } from "../errors/connection-errors.ts";
import { matchesFilter } from "../protocol/topic-filter.ts";
import { systemClock } from "../runtime/platform.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { remainingMs, throwIfReached } from "../runtime/deadline.ts";
import type {
  DialRequest,
  IncomingMessage,
  Link,
  OutgoingMessage,
  ProtocolLevel,
  PublishOutcome,
  QoS,
  SubscribeResult,
  Subscription,
} from "./transport.ts";

/** How a link reaches its broker and its client. */
export interface MemoryLinkPort extends Pick<DialRequest, "broker" | "onMessage" | "onLost"> {
  readonly mayRead: (filter: string) => boolean;
  readonly mayWrite: (topic: string) => boolean;
  readonly onSubscribed: (subscription: Subscription) => void;
  readonly publish: (message: OutgoingMessage, expiryMs: number | undefined) => PublishOutcome;
  /** Called once, when the link is closed or lost. */
  readonly onEnd: (end: "closed" | "lost") => void;
}

/** Every so many deliveries, timers get their turn: clients that answer each other at once would starve them. */
const DELIVERIES_PER_TIMER = 64;
const NOT_AUTHORIZED_5 = 135;
const FAILURE_311 = 128;

/** One connection of a memory broker. Everything arrives a turn later, as over a network. */
export class MemoryLink implements Link {
  readonly protocolLevel: ProtocolLevel;
  /** Every message is acknowledged at once. */
  readonly oldestPublish: undefined;
  readonly #port: MemoryLinkPort;
  readonly #filters = new Map<string, QoS>();
  readonly #arriving: IncomingMessage[] = [];
  #activity = 0;
  #deliveries = 0;
  #end: LinkLostError | undefined;

  constructor(protocolLevel: ProtocolLevel, port: MemoryLinkPort) {
    this.protocolLevel = protocolLevel;
    this.#port = port;
  }

  /** Gives the message to the client if it is subscribed to its topic; once, however many filters match. */
  deliver(message: IncomingMessage): boolean {
    let granted: QoS | undefined;
    for (const [filter, qos] of this.#filters) {
      if (matchesFilter(filter, message.topic) && qos >= (granted ?? 0)) granted = qos;
    }
    if (granted === undefined) return false;
    this.receive(granted < message.qos ? { ...message, qos: granted } : message);
    return true;
  }

  receive(message: IncomingMessage): void {
    this.#activity += 1;
    this.#arriving.push(message);
    if (this.#arriving.length > 1) return;
    this.#deliveries += 1;
    if (this.#deliveries % DELIVERIES_PER_TIMER === 0) systemClock.startTimer(this.#handOver, 0);
    else queueMicrotask(this.#handOver);
  }

  readonly #handOver = (): void => {
    for (const message of this.#arriving.splice(0)) {
      if (this.#end === undefined) this.#port.onMessage(message);
    }
  };

  /** Breaks the link, as far as the client can tell without warning. */
  lose(cause: Error): void {
    if (this.#end !== undefined) return;
    this.#port.onLost(this.#finish("lost", cause));
  }

  #finish(kind: "closed" | "lost", cause: Error): LinkLostError {
    const end = new LinkLostError(this.#port.broker, { cause });
    this.#end = end;
    this.#filters.clear();
    this.#port.onEnd(kind);
    return end;
  }

  /** Runs `action` a turn later, if the link still stands then. */
  async #next<T>(action: () => T): Promise<T> {
    await Promise.resolve();
    if (this.#end !== undefined) throw this.#end;
    this.#activity += 1;
    return action();
  }

  get activity(): number {
    return this.#activity;
  }

  /** The broker is always there. */
  probe(): void {
    this.#activity += 1;
  }

  abort(cause: Error): void {
    this.lose(cause);
  }

  publish(message: OutgoingMessage, deadline?: Deadline): Promise<PublishOutcome> {
    return this.#next(() => {
      if (deadline !== undefined) throwIfReached(deadline);
      if (!this.#port.mayWrite(message.topic)) return this.#refuse(message);
      const expiryMs = message.expires === true && deadline ? remainingMs(deadline) : undefined;
      const outcome = this.#port.publish(message, expiryMs);
      const isSilent = outcome === "no-subscribers" && this.protocolLevel === 4;
      return isSilent ? "delivered" : outcome;
    });
  }

  /** Only MQTT 5 can say so, and with QoS 0 not even that. */
  #refuse({ topic, qos }: OutgoingMessage): PublishOutcome {
    if (qos === 0) return "sent";
    if (this.protocolLevel === 4) return "delivered";
    throw new PublishRefusedError(topic, {
      broker: this.#port.broker,
      reasonCode: NOT_AUTHORIZED_5,
    });
  }

  subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribeResult[]> {
    return this.#next(() => subscriptions.map((subscription) => this.#subscribe(subscription)));
  }

  #subscribe({ filter, qos }: Subscription): SubscribeResult {
    if (!this.#port.mayRead(filter)) {
      const reasonCode = this.protocolLevel === 5 ? NOT_AUTHORIZED_5 : FAILURE_311;
      return { filter, granted: undefined, reasonCode };
    }
    this.#filters.set(filter, qos);
    this.#port.onSubscribed({ filter, qos });
    return { filter, granted: qos, reasonCode: qos };
  }

  unsubscribe(filters: readonly string[]): Promise<void> {
    return this.#next(() => {
      for (const filter of filters) this.#filters.delete(filter);
    });
  }

  close(): Promise<void> {
    if (this.#end === undefined) this.#finish("closed", new Error("the link was closed"));
    return Promise.resolve();
  }
}
