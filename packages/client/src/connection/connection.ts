import { LinkLostError } from "../errors/connection-errors.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { remainingMs, settleWithin, throwIfReached } from "../runtime/deadline.ts";
import type {
  Link,
  OutgoingMessage,
  PublishOutcome,
  QoS,
  Subscription,
} from "../transport/transport.ts";
import type { LinkKeeperOptions } from "./link-keeper.ts";
import { LinkKeeper } from "./link-keeper.ts";
import type { ConnectionState } from "./state.ts";
import { Subscriptions } from "./subscriptions.ts";

/** What a connection is made of. */
export interface ConnectionOptions extends LinkKeeperOptions {
  /** Whether `connect()` may succeed although the broker refused this filter. */
  readonly toleratesRefusal: (filter: string) => boolean;
}

const SENT: Promise<PublishOutcome> = Promise.resolve("sent");

const withExpiry = (message: OutgoingMessage, limits: Deadline): OutgoingMessage =>
  message.expiryMs === undefined ? message : { ...message, expiryMs: remainingMs(limits) };

/**
 * A connection that outlives its links: subscriptions come back before anything new is sent, and calls
 * made in between wait for the link, each within its own limits.
 */
export class Connection {
  readonly #keeper: LinkKeeper;
  readonly #subscriptions: Subscriptions;

  constructor(options: ConnectionOptions) {
    this.#keeper = new LinkKeeper(options, (link, limits, kind) =>
      this.#subscriptions.restore(link, limits, kind),
    );
    this.#subscriptions = new Subscriptions({
      broker: options.plan.broker,
      logger: options.logger,
      toleratesRefusal: options.toleratesRefusal,
      ready: (limits, lost) => this.#keeper.ready("subscribe", limits, lost),
      link: () => this.#keeper.link,
    });
  }

  get state(): ConnectionState {
    return this.#keeper.state;
  }

  /** The link in use, while online. */
  get link(): Link | undefined {
    return this.#keeper.link;
  }

  /** Number of topic filters held at the broker. */
  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** At which QoS a filter is held; undefined where it is not. */
  qosOf(filter: string): QoS | undefined {
    return this.#subscriptions.qosOf(filter);
  }

  /** Whether the broker granted this filter on the present link. */
  isGranted(filter: string): boolean {
    return this.#subscriptions.isGranted(filter);
  }

  /** Opens the connection. Calls made at the same time share one dial. */
  connect(limits: Deadline): Promise<void> {
    return this.#keeper.connect(limits);
  }

  /** Waits until the client is online. */
  async ready(operation: string, limits: Deadline): Promise<void> {
    await this.#keeper.ready(operation, limits);
  }

  /** Adds a user to a filter and waits until the broker has granted it. */
  subscribe(subscription: Subscription, limits: Deadline): Promise<void> {
    return this.#subscriptions.subscribe(subscription, limits);
  }

  /** Adds a user to a filter that is subscribed with the next link. For before `connect()`. */
  hold(subscription: Subscription): void {
    this.#subscriptions.hold(subscription);
  }

  /** Takes a user off a filter and waits until the broker has let go of it, if that was the last. */
  unsubscribe(filter: string, limits: Deadline): Promise<void> {
    return this.#subscriptions.unsubscribe(filter, limits);
  }

  /** The same without waiting. */
  release(filter: string): void {
    this.#subscriptions.release(filter);
  }

  /**
   * Sends a message. Across a lost link QoS 1 is sent again (the broker may then see it twice);
   * QoS 0 and 2 reject with `LinkLostError`, because a second copy would break their promise.
   * While online, QoS 0 is with the socket before this returns.
   */
  publish(message: OutgoingMessage, limits: Deadline): Promise<PublishOutcome> {
    const { link } = this.#keeper;
    if (message.qos !== 0 || link === undefined) return this.#publishAcrossLinks(message, limits);
    try {
      throwIfReached(limits);
      const outcome = link.publish(message);
      return typeof outcome === "string" ? SENT : this.#settle(outcome, limits);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #publishAcrossLinks(message: OutgoingMessage, limits: Deadline): Promise<PublishOutcome> {
    let lost: Link | undefined;
    for (;;) {
      const link = await this.#keeper.ready("publish", limits, lost);
      try {
        const outcome = link.publish(withExpiry(message, limits));
        return typeof outcome === "string" ? outcome : await this.#settle(outcome, limits);
      } catch (error) {
        if (!(error instanceof LinkLostError) || message.qos !== 1) throw error;
        lost = link;
      }
    }
  }

  /** Waits for a link to answer. When the client closes, that is what its caller is told, not the end of the link. */
  async #settle(outcome: Promise<PublishOutcome>, limits: Deadline): Promise<PublishOutcome> {
    try {
      return await settleWithin(limits, outcome);
    } catch (error) {
      const isClosed = error instanceof LinkLostError && this.state.kind === "closed";
      throw isClosed ? this.#keeper.closedError("publish", "pending") : error;
    }
  }

  /** Ends the connection and everything that waits for it. Idempotent. */
  close(): Promise<void> {
    return this.#keeper.close();
  }
}
