import { SubscriptionRefusedError } from "../errors/connection-errors.ts";
import type { Clock } from "../runtime/platform.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { settleWithin } from "../runtime/deadline.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Link, QoS, SubscribeResult, Subscription } from "../transport/transport.ts";
import type { CallsAcrossLinks } from "./calls-across-links.ts";
import type { LinkHealth } from "./link-health.ts";

/** The dial of a `connect()`, or one that replaces a lost link. */
export type DialKind = "first" | "again";

/** What the subscriptions need from around them. */
export interface SubscriptionsOptions {
  readonly broker: string;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly calls: CallsAcrossLinks;
  readonly health: LinkHealth;
  readonly link: () => Link | undefined;
  /** Whether `connect()` may succeed although the broker refused this filter. */
  readonly toleratesRefusal: (filter: string) => boolean;
}

/** One topic filter that somebody on this client needs. */
interface HeldFilter {
  readonly filter: string;
  qos: QoS;
  /** How many users hold it; the last one to let go unsubscribes. */
  users: number;
  /** The broker's answer to the latest SUBSCRIBE; undefined while none was sent, and after a refusal. */
  verdict: Promise<SubscribeResult> | undefined;
  /** Whether the broker granted it on the latest link that restored it. */
  isGranted: boolean;
}

/** Longest wait of a SUBSCRIBE for the UNSUBACKs before it, in ms: many times what Nagle's algorithm would cost. */
const UNSUBACK_PATIENCE_MS = 250;

/**
 * The topic filters that this client holds at the broker, across links. They are counted by user, so that
 * each is subscribed once and comes back after a reconnect.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #held = new Map<string, HeldFilter>();
  readonly #unsubscribing = new Set<Promise<void>>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Number of filters held. */
  get size(): number {
    return this.#held.size;
  }

  /** At which QoS a filter is held; undefined where it is not. */
  qosOf(filter: string): QoS | undefined {
    return this.#held.get(filter)?.qos;
  }

  /** Whether the filter was granted when the present link was opened. */
  isGranted(filter: string): boolean {
    return this.#held.get(filter)?.isGranted === true;
  }

  /** Adds a user to a filter that the next link subscribes before it is used. For before `connect()`. */
  hold({ filter, qos }: Subscription): void {
    this.#addUser({ filter, qos });
  }

  /** A higher QoS than before asks for a new SUBSCRIBE. */
  #addUser({ filter, qos }: Subscription): HeldFilter {
    const fresh = { filter, qos, users: 0, verdict: undefined, isGranted: false };
    const held: HeldFilter = this.#held.get(filter) ?? fresh;
    this.#held.set(filter, held);
    held.users += 1;
    if (qos > held.qos) {
      held.qos = qos;
      held.verdict = undefined;
    }
    return held;
  }

  /** Takes one user away; true when it was the last and the filter is gone. */
  #removeUser(filter: string): boolean {
    const held = this.#held.get(filter);
    if (held === undefined) return false;
    held.users -= 1;
    return held.users === 0 && this.#held.delete(filter);
  }

  /** Subscribes everything on a new link; on the first one a refused filter is an error, later it is logged. */
  async restore(link: Link, deadline: Deadline, kind: DialKind): Promise<void> {
    const held = [...this.#held.values()];
    if (held.length === 0) return;
    const results = await settleWithin(deadline, link.subscribe(held));
    for (const result of results) {
      const { filter, granted, reasonCode } = result;
      const isGranted = granted !== undefined;
      const entry = this.#held.get(filter);
      if (entry !== undefined) {
        entry.verdict = isGranted ? Promise.resolve(result) : undefined;
        entry.isGranted = isGranted;
      }
      if (isGranted) continue;
      const isTolerated = this.#options.toleratesRefusal(filter);
      if (kind === "first" && !isTolerated) throw this.#refusal(result);
      const level = isTolerated ? "warn" : "error";
      this.#options.logger?.[level]({ filter, reasonCode }, "the broker refused a subscription");
    }
    const released = held.map(({ filter }) => filter).filter((filter) => !this.#held.has(filter));
    if (released.length > 0) void this.#unsubscribeOn(link, released);
  }

  #refusal({ filter, reasonCode, explanation }: SubscribeResult): SubscriptionRefusedError {
    const { broker } = this.#options;
    return new SubscriptionRefusedError(filter, { broker, reasonCode, explanation });
  }

  /**
   * Adds a user to a filter and waits until the broker has granted it.
   *
   * @throws {SubscriptionRefusedError} it did not; the next call asks anew.
   * @throws {LinkLostError} the broker ended the link over it, twice.
   */
  subscribe(subscription: Subscription, deadline: Deadline): Promise<void> {
    const call = { operation: "subscribe", deadline, isRepeatable: true };
    return this.#options.calls.run(call, async (link) => {
      const held = this.#addUser(subscription);
      try {
        held.verdict ??= this.#subscribeOn(link, held);
        const result = await settleWithin(deadline, held.verdict);
        if (result.granted === undefined) throw this.#refusal(result);
      } catch (error) {
        this.release(subscription.filter);
        throw error;
      }
    });
  }

  async #subscribeOn(link: Link, held: HeldFilter): Promise<SubscribeResult> {
    await this.#unsubscribesEnded();
    if (this.#held.get(held.filter) !== held) {
      // Its UNSUBSCRIBE has left already: subscribed now, it would stay at the broker.
      throw new Error("the filter was let go before it was subscribed");
    }
    const { health } = this.#options;
    this.#options.logger?.debug({ filter: held.filter, qos: held.qos }, "subscribing");
    const [result] = await health.expect(link, "SUBACK", link.subscribe([held]));
    if (result === undefined) throw new Error("the transport gave no verdict on the subscription");
    // A later call is to ask again, since access rules change.
    if (result.granted === undefined) held.verdict = undefined;
    return result;
  }

  /**
   * A broker with Nagle's algorithm holds a SUBACK back behind an UNSUBACK that this host has not acknowledged
   * yet: 40 ms. Waiting for the UNSUBACK takes a fraction of one, and it must not wait for one that never comes.
   */
  async #unsubscribesEnded(): Promise<void> {
    if (this.#unsubscribing.size === 0) return;
    await new Promise<void>((resolve) => {
      const stopTimer = this.#options.clock.startTimer(resolve, UNSUBACK_PATIENCE_MS);
      void Promise.all(this.#unsubscribing).then(() => {
        stopTimer();
        resolve();
      });
    });
  }

  /** Takes a user off a filter and waits until the broker has let go of it, if that was the last. */
  async unsubscribe(filter: string, deadline: Deadline): Promise<void> {
    if (this.#removeUser(filter)) await settleWithin(deadline, this.#unsubscribe(filter));
  }

  /** The same without waiting. */
  release(filter: string): void {
    if (this.#removeUser(filter)) void this.#unsubscribe(filter);
  }

  async #unsubscribe(filter: string): Promise<void> {
    const link = this.#options.link();
    if (link !== undefined) await this.#unsubscribeOn(link, [filter]);
  }

  async #unsubscribeOn(link: Link, filters: readonly string[]): Promise<void> {
    const unsuback = this.#options.health.expect(link, "UNSUBACK", link.unsubscribe(filters));
    const done = unsuback.catch((error: unknown) => {
      // Only the end of the link does this, and without it the broker has forgotten the filter anyway.
      this.#options.logger?.debug({ filters, error }, "could not unsubscribe");
    });
    this.#unsubscribing.add(done);
    await done;
    this.#unsubscribing.delete(done);
  }
}
