import { RecentMap } from "../runtime/recent-map.ts";
import { valueText } from "../protocol/value-text.ts";
import type { Thrown } from "./messages.ts";

/** More than can be on their way at once; what nobody asked for any more is forgotten. */
const MOST_KEPT = 4_096;

/**
 * What handlers gave or threw, by number: it does not leave the caller's thread, so that the caller gets the
 * very same object. Only the number travels.
 */
export class KeptValues {
  readonly #thrown = new WeakSet<object>();
  readonly #values = new RecentMap<number, { readonly value: unknown }>(MOST_KEPT);
  #count = 0;

  keep(value: unknown): number {
    this.#count += 1;
    this.#values.set(this.#count, { value });
    return this.#count;
  }

  keepThrown(error: unknown): Thrown {
    const { name, message } =
      error instanceof Error ? error : { name: "Error", message: valueText(error) };
    if (typeof error === "object" && error !== null) this.#thrown.add(error);
    return { id: this.keep(error), name, message };
  }

  /** Whether this very object was thrown. */
  hasThrown(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#thrown.has(error);
  }

  find(id: number): unknown {
    return this.#values.get(id)?.value;
  }
}
