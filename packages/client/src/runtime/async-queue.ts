/** Hands on what arrives to one consumer, in order, and then its end. */
export class AsyncQueue<Item> {
  #items: Item[] = [];
  /** Where the next one stands: taking from the front of a long array would move it all. */
  #at = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Adds an item; ignored after the end. */
  push(item: Item): void {
    if (this.#end !== undefined) return;
    this.#items.push(item);
    this.#wake?.();
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
    const item = this.#items[this.#at] as Item;
    this.#at += 1;
    if (this.#at === this.#items.length) {
      this.#items = [];
      this.#at = 0;
    }
    return item;
  }
}
