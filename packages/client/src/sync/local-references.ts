import { ResponseException } from "../errors/response-exception.ts";
import { valueText } from "../errors/value-text.ts";
import type { Answer } from "./messages.ts";

/**
 * Many more than can be on their way at once, which is one for each handler under way. What nobody came for,
 * because its call had given up, goes when it is the oldest.
 */
const MOST_KEPT = 256;

/**
 * What handlers gave or threw, by number: it does not leave the caller's thread, so that the caller gets the
 * very same object. Only the number travels.
 */
export class LocalReferences {
  readonly #values = new Map<number, unknown>();
  readonly #thrown = new WeakSet<object>();
  #count = 0;

  keep(value: unknown): number {
    this.#count += 1;
    this.#values.set(this.#count, value);
    this.#values.delete(this.#count - MOST_KEPT);
    return this.#count;
  }

  /** Keeps what was thrown; the answer that tells of it. Never throws, and can cross whatever it was. */
  threw(error: unknown): Answer {
    if (typeof error === "object" && error !== null) this.#thrown.add(error);
    const id = this.keep(error);
    try {
      const told: { readonly name: unknown; readonly message: unknown } =
        error instanceof Error ? error : { name: "Error", message: valueText(error) };
      const { name, message } = told;
      if (typeof name !== "string" || typeof message !== "string") throw new TypeError("no text");
      const thrown = { id, name, message };
      return error instanceof ResponseException
        ? { kind: "threw", thrown: { ...thrown, responseCode: error.responseCode } }
        : { kind: "threw", thrown };
    } catch {
      // A getter or a proxy threw, or it is no text.
      return { kind: "threw", thrown: { id, name: "Error", message: "(unreadable)" } };
    }
  }

  /** Whether this very object was thrown. */
  hasThrown(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#thrown.has(error);
  }

  /** What is kept, and goes on being: an error may be told of more than once. */
  find(id: number): unknown {
    return this.#values.get(id);
  }

  /** What is kept, and is not any more: it may be large. */
  take(id: number): unknown {
    const value = this.#values.get(id);
    this.#values.delete(id);
    return value;
  }
}
