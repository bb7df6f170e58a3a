import type { QoS, Subscription, SubscribeResult } from "../transport/transport.ts";

/** One topic filter that somebody on this client needs. */
export interface HeldFilter {
  readonly filter: string;
  qos: QoS;
  /** How many users hold it; the last one to let go unsubscribes. */
  users: number;
  /** The broker's answer to the latest SUBSCRIBE; undefined while none was sent. */
  verdict: Promise<SubscribeResult> | undefined;
  /** Whether the broker granted it on the latest link that restored it. */
  isGranted: boolean;
}

/** The filters in use, counted by user, so that each is subscribed once and comes back after a reconnect. */
export class SubscriptionTable {
  readonly #held = new Map<string, HeldFilter>();

  get(filter: string): HeldFilter | undefined {
    return this.#held.get(filter);
  }

  /** Adds one user of the filter; a higher QoS than before asks for a new SUBSCRIBE. */
  hold({ filter, qos }: Subscription): HeldFilter {
    const held = this.#held.get(filter) ?? {
      filter,
      qos,
      users: 0,
      verdict: undefined,
      isGranted: false,
    };
    this.#held.set(filter, held);
    held.users += 1;
    if (qos > held.qos) {
      held.qos = qos;
      held.verdict = undefined;
    }
    return held;
  }

  /** Takes one user away; true when it was the last and the filter is gone. */
  letGo(filter: string): boolean {
    const held = this.#held.get(filter);
    if (held === undefined) return false;
    held.users -= 1;
    return held.users === 0 && this.#held.delete(filter);
  }

  /** All filters, oldest first. */
  all(): readonly HeldFilter[] {
    return [...this.#held.values()];
  }

  get size(): number {
    return this.#held.size;
  }
}
