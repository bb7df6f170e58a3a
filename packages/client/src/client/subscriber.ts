import type { Connection } from "../connection/connection.ts";
import { orDefault, refuseUnknownOptions } from "../options/checks.ts";
import { assertTopicFilter } from "../protocol/topic-filter.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { settleWithin, throwIfReached } from "../runtime/deadline.ts";
import type { Subscription } from "../transport/transport.ts";
import {
  operationDeadline,
  SUBSCRIBE_OPTION_NAMES,
  WAIT_OPTION_NAMES,
  qosValue,
} from "./options/call-options.ts";
import type { SubscribeOptions, WaitOptions } from "./options/call-options.ts";
import type { ClientSettings } from "./options/settings.ts";
import type { UserFilters } from "./user-filters.ts";

/** What a subscriber works with. */
export interface SubscriberOptions {
  readonly settings: ClientSettings;
  readonly connection: Connection;
  readonly filters: UserFilters;
}

/** Subscribes and unsubscribes for the user: each filter once, and the later call has the last word. */
export class Subscriber {
  readonly #options: SubscriberOptions;
  /** The latest call under way for each filter. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** What the user holds now. */
  get subscriptions(): readonly Subscription[] {
    const { connection, filters } = this.#options;
    return [...filters].map((filter) => ({
      filter,
      qos: connection.subscriptions.qosOf(filter) ?? 0,
    }));
  }

  /** See `MQTTClient.subscribe`. */
  async subscribe(filter: string, options: SubscribeOptions): Promise<void> {
    refuseUnknownOptions(options, SUBSCRIBE_OPTION_NAMES, "subscribe()");
    assertTopicFilter(filter);
    const { connection, filters, settings } = this.#options;
    const qos = qosValue("qos", orDefault(options.qos, settings.qosDefault));
    const deadline = operationDeadline(settings, options, `subscribe to ${filter}`);
    await this.#inTurn(filter, deadline, async () => {
      await connection.subscriptions.subscribe({ filter, qos }, deadline);
      if (filters.has(filter)) connection.subscriptions.release(filter);
      else filters.add(filter);
    });
  }

  /** See `MQTTClient.unsubscribe`. */
  async unsubscribe(filter: string, options: WaitOptions): Promise<void> {
    refuseUnknownOptions(options, WAIT_OPTION_NAMES, "unsubscribe()");
    assertTopicFilter(filter);
    const { connection, filters, settings } = this.#options;
    const deadline = operationDeadline(settings, options, `unsubscribe from ${filter}`);
    await this.#inTurn(filter, deadline, async () => {
      if (filters.remove(filter)) await connection.subscriptions.unsubscribe(filter, deadline);
    });
  }

  /** Runs a call when the earlier ones for the same filter have ended, in whichever way. */
  async #inTurn(filter: string, deadline: Deadline, call: () => Promise<void>): Promise<void> {
    throwIfReached(deadline);
    const earlier = this.#underWay.get(filter);
    const run = earlier === undefined ? call() : settleWithin(deadline, earlier).then(call);
    const ended = Promise.allSettled([earlier, run]);
    this.#underWay.set(filter, ended);
    void ended.then(() => {
      if (this.#underWay.get(filter) === ended) this.#underWay.delete(filter);
    });
    await run;
  }
}
