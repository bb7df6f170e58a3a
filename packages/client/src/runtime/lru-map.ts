/** A bound besides the number of entries. */
export interface WeightBound<Value> {
  readonly maxWeight: number;
  weigh(value: Value): number;
}

/**
 * A map of bounded size that forgets what was not used for longest, in two generations: when the young one is
 * full it becomes the old one, and what is used again moves back. So it holds the latest half of its
 * capacity for certain, and costs hardly more than a plain map.
 */
export class LruMap<Key, Value> {
  readonly #generationSize: number;
  readonly #bound: WeightBound<Value> | undefined;
  #youngWeight = 0;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  /**
   * @param capacity - the most entries that are ever held.
   * @param bound.maxWeight - the most that they ever weigh together, if none weighs more than half of it.
   */
  constructor(capacity: number, bound?: WeightBound<Value>) {
    this.#generationSize = Math.max(1, Math.floor(capacity / 2));
    this.#bound = bound;
  }

  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const remembered = this.#old.get(key);
    if (remembered !== undefined) this.set(key, remembered);
    return remembered;
  }

  set(key: Key, value: Value): void {
    if (this.#bound !== undefined) this.#makeRoom(this.#bound, value);
    this.#young.set(key, value);
    if (this.#young.size >= this.#generationSize) this.#grow();
  }

  #makeRoom(bound: WeightBound<Value>, value: Value): void {
    // What is put in again counts twice, until its generation is over.
    const weight = bound.weigh(value);
    if (this.#youngWeight + weight > bound.maxWeight / 2) this.#grow();
    this.#youngWeight += weight;
  }

  #grow(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngWeight = 0;
  }
}
