import type { Settle } from "./deadline.ts";

/** Waits that one event ends together: the loss of a link, the end of a client. */
export class WaitSet<T> {
  readonly #waits = new Set<Settle<T>>();

  /** Adds a wait; returns the function that takes it out again. */
  add(wait: Settle<T>): () => void {
    this.#waits.add(wait);
    return () => {
      this.#waits.delete(wait);
    };
  }

  resolveAll(value: T): void {
    for (const { resolve } of this.#takeAll()) resolve(value);
  }

  rejectAll(createError: () => Error): void {
    for (const { reject } of this.#takeAll()) reject(createError());
  }

  /** A wait that one of these starts belongs to the next event. */
  #takeAll(): readonly Settle<T>[] {
    const waits = [...this.#waits];
    this.#waits.clear();
    return waits;
  }
}
