import { LinkLostError, SubscriptionRefusedError } from "../errors/connection-errors.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { settleWithin } from "../runtime/deadline.ts";
import type { Link, QoS, SubscribeResult, Subscription } from "../transport/transport.ts";
import type { DialKind } from "./link-keeper.ts";
import type { HeldFilter } from "./subscription-table.ts";
import { SubscriptionTable } from "./subscription-table.ts";

/** What the subscriptions need from around them. */
export interface SubscriptionsOptions {
  readonly broker: string;
  readonly logger: Logger | undefined;
  /** The link as soon as there is one, other than the one that was found lost. */
  readonly ready: (limits: Deadline, lost: Link | undefined) => Promise<Link>;
  readonly link: () => Link | undefined;
  /** Whether `connect()` may succeed although the broker refused this filter. */
  readonly toleratesRefusal: (filter: string) => boolean;
}

/** The topic filters that this client holds at the broker, across links. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #table = new SubscriptionTable();
  readonly #unsubscribing = new Set<Promise<void>>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Number of filters held. */
  get size(): number {
    return this.#table.size;
  }

  /** At which QoS a filter is held; undefined where it is not. */
  qosOf(filter: string): QoS | undefined {
    return this.#table.get(filter)?.qos;
  }

  /** Whether the filter was granted when the present link was opened. */
  isGranted(filter: string): boolean {
    return this.#table.get(filter)?.isGranted === true;
  }

  /** Subscribes everything on a new link; on the first one a refused filter is an error, later it is logged. */
  async restore(link: Link, limits: Deadline, kind: DialKind): Promise<void> {
    const held = this.#table.all();
    if (held.length === 0) return;
    const results = await settleWithin(limits, link.subscribe(held));
    for (const result of results) {
      const { filter, granted, reasonCode } = result;
      const entry = this.#table.get(filter);
      if (entry !== undefined) {
        entry.verdict = Promise.resolve(result);
        entry.isGranted = granted !== undefined;
      }
      if (granted !== undefined) continue;
      const isTolerated = this.#options.toleratesRefusal(filter);
      if (kind === "first" && !isTolerated) throw this.#refusal(result);
      const level = isTolerated ? "warn" : "error";
      this.#options.logger?.[level]({ filter, reasonCode }, "the broker refused a subscription");
    }
    const released = held.map(({ filter }) => filter).filter((filter) => !this.#table.get(filter));
    if (released.length > 0) void this.#unsubscribeOn(link, released);
  }

  #refusal({ filter, reasonCode }: SubscribeResult): SubscriptionRefusedError {
    return new SubscriptionRefusedError(filter, reasonCode, this.#options.broker);
  }

  /** Adds a user to a filter and waits until the broker has granted it. */
  async subscribe(subscription: Subscription, limits: Deadline): Promise<void> {
    let lost: Link | undefined;
    for (;;) {
      const link = await this.#options.ready(limits, lost);
      const held = this.#table.hold(subscription);
      try {
        held.verdict ??= this.#subscribeOn(link, held);
        const result = await settleWithin(limits, held.verdict);
        if (result.granted === undefined) throw this.#refusal(result);
        return;
      } catch (error) {
        this.release(subscription.filter);
        if (!(error instanceof LinkLostError)) throw error;
        lost = link;
      }
    }
  }

  async #subscribeOn(link: Link, held: HeldFilter): Promise<SubscribeResult> {
    // A broker with Nagle's algorithm holds the SUBACK back behind an UNSUBACK that this host has not
    // acknowledged yet: 40 ms. Waiting for the UNSUBACK takes a fraction of one.
    await Promise.all(this.#unsubscribing);
    if (this.#table.get(held.filter) !== held) {
      // Its UNSUBSCRIBE has left already: subscribed now, it would stay at the broker.
      throw new Error("the filter was let go before it was subscribed");
    }
    const [result] = await link.subscribe([held]);
    if (result === undefined) throw new Error("the transport gave no verdict on the subscription");
    return result;
  }

  /** Adds a user to a filter that the next link subscribes before it is used. For before `connect()`. */
  hold(subscription: Subscription): void {
    this.#table.hold(subscription);
  }

  /** Takes a user off a filter and waits until the broker has let go of it, if that was the last. */
  async unsubscribe(filter: string, limits: Deadline): Promise<void> {
    if (this.#table.letGo(filter)) await settleWithin(limits, this.#unsubscribe(filter));
  }

  /** The same without waiting. */
  release(filter: string): void {
    if (this.#table.letGo(filter)) void this.#unsubscribe(filter);
  }

  async #unsubscribe(filter: string): Promise<void> {
    const link = this.#options.link();
    if (link !== undefined) await this.#unsubscribeOn(link, [filter]);
  }

  async #unsubscribeOn(link: Link, filters: readonly string[]): Promise<void> {
    const done = link.unsubscribe(filters).catch((error: unknown) => {
      // Only the end of the link does this, and without it the broker has forgotten the filter anyway.
      this.#options.logger?.debug({ filters, error }, "could not unsubscribe");
    });
    this.#unsubscribing.add(done);
    await done;
    this.#unsubscribing.delete(done);
  }
}
