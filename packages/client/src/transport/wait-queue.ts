/** Entries in the order in which they came, each of which may leave before its turn, at no more cost the more there are. */
export class WaitQueue<T> {
  readonly #entries = new Set<T>();
  /** Kept from one to the next: a new one would first pass by all that left before their turn. */
  #next: Iterator<T> = this.#entries.values();

  get size(): number {
    return this.#entries.size;
  }

  /** Puts an entry at the end; gives the function that takes it out. */
  add(entry: T): () => void {
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  /** Takes out the entry that has waited longest. */
  shift(): T | undefined {
    if (this.#entries.size === 0) return undefined;
    let step = this.#next.next();
    if (step.done === true) {
      // It came to an end while nothing waited, and is over for good.
      this.#next = this.#entries.values();
      step = this.#next.next();
    }
    if (step.done === true) return undefined;
    this.#entries.delete(step.value);
    return step.value;
  }
}
