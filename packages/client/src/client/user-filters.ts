import { MessageType } from "../protocol/message-type.ts";
import { matchesFilter, unshared } from "../protocol/topic-filter.ts";

/** The topic filters that the user of a client has asked for. */
export class UserFilters {
  readonly #identifier: string;
  /** The identifier and the groups of the client, whose requests it gets anyway. */
  readonly #targets: ReadonlySet<string>;
  readonly #filters = new Set<string>();

  /** @param targets - the client's identifier, and then its groups. */
  constructor([identifier, ...groups]: readonly [string, ...string[]]) {
    this.#identifier = identifier;
    this.#targets = new Set([identifier, ...groups]);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#filters.values();
  }

  has(filter: string): boolean {
    return this.#filters.has(filter);
  }

  add(filter: string): void {
    this.#filters.add(filter);
  }

  /** True when the filter was there. */
  remove(filter: string): boolean {
    return this.#filters.delete(filter);
  }

  matches(topic: string): boolean {
    for (const filter of this.#filters) if (matchesFilter(filter, topic)) return true;
    return false;
  }

  /** How many filters beyond the first match a request's topic, that for the client's own requests included: as many copies may come. */
  copiesOn(topic: string): number {
    if (this.#filters.size === 0) return 0;
    let matching = this.#targets.has(topic.split("/")[3] ?? "") ? 1 : 0;
    for (const filter of this.#filters) if (matchesFilter(filter, topic)) matching += 1;
    return Math.max(0, matching - 1);
  }

  /** Whether requests to a target are for a group that this client is in. */
  isGroup(target: string): boolean {
    return target !== this.#identifier && this.#targets.has(target);
  }

  /**
   * Whether this client may send error answers in the name of a target: its own identifier, or one whose
   * requests it subscribed to by name, as gateways do. A monitor with a wildcard must not answer for others.
   */
  serves(target: string): boolean {
    if (target === this.#identifier) return true;
    for (const filter of this.#filters) {
      const [, , type, named] = unshared(filter).split("/");
      if (type === MessageType.REQUEST && named === target) return true;
    }
    return false;
  }
}
