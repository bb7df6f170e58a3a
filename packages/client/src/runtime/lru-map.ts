/**
 * A map of bounded size that forgets what was not used for longest, in two generations: when the young one is
 * full it becomes the old one, and what is used again moves back. So it holds the latest half of its
 * capacity for certain, and costs hardly more than a plain map.
 */
export class LruMap<Key, Value> {
  readonly #generationSize: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  /** @param capacity - the most entries that are ever held. */
  constructor(capacity: number) {
    this.#generationSize = Math.max(1, Math.floor(capacity / 2));
  }

  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const remembered = this.#old.get(key);
    if (remembered !== undefined) this.set(key, remembered);
    return remembered;
  }

  set(key: Key, value: Value): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#generationSize) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
