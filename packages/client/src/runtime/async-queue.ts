interface Waiting<Item> {
  readonly item: Item;
  readonly weight: number;
}

/** Hands on what arrives to one consumer, in order, and then its end. */
export class AsyncQueue<Item> {
  readonly #maxWeight: number;
  #weight = 0;
  #items: Waiting<Item>[] = [];
  /** Where the next one stands: taking from the front of a long array would move it all. */
  #at = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** @param maxWeight - the most that all that waits to be taken may weigh together. */
  constructor(maxWeight: number = Infinity) {
    this.#maxWeight = maxWeight;
  }

  /** Adds an item; false where there is no room for it. Ignored after the end. */
  push(item: Item, weight = 0): boolean {
    if (this.#end !== undefined) return true;
    if (this.#weight + weight > this.#maxWeight) return false;
    this.#weight += weight;
    this.#items.push({ item, weight });
    this.#wake?.();
    return true;
  }

  /** Ends it: what has arrived is still taken, then comes the end, or the error. Only the first end counts. */
  end(fault?: { readonly error: unknown }): void {
    this.#end ??= fault ?? {};
    this.#wake?.();
  }

  /** Gives the items as they come; throws the error that it ends with. For one consumer. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      while (this.#at < this.#items.length) yield this.#take();
      if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(): Item {
    // It was seen to be there.
    const { item, weight } = this.#items[this.#at] as Waiting<Item>;
    this.#weight -= weight;
    this.#at += 1;
    if (this.#at === this.#items.length) {
      this.#items = [];
      this.#at = 0;
    }
    return item;
  }
}
