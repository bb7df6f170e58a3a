import { MessageType } from "../protocol/message-type.ts";
import { matchesFilter, unshared } from "../protocol/topic-filter.ts";

/** The topic filters that the user of a client has asked for. */
export class UserFilters {
  readonly #identifier: string;
  readonly #filters = new Set<string>();

  constructor(identifier: string) {
    this.#identifier = identifier;
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
    let matching = topic.split("/")[3] === this.#identifier ? 1 : 0;
    for (const filter of this.#filters) if (matchesFilter(filter, topic)) matching += 1;
    return Math.max(0, matching - 1);
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
