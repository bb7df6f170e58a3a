/** Buckets of a power of two: each is 1/64 of its values wide at most, which is 1.6 %. */
const HALF_BUCKETS = 64;
const HALF_BITS = 6;
const LARGEST_US = 0xffff_ffff;
const US_PER_MS = 1_000;

const highestBit = (value: number): number => 31 - Math.clz32(value);

/** Buckets of one value each up to 127 µs, then ever wider ones, as an HDR histogram has them. */
const bucketOf = (us: number): number => {
  const shift = Math.max(0, highestBit(us) - HALF_BITS);
  return shift * HALF_BUCKETS + Math.floor(us / 2 ** shift);
};

/** The values in a bucket: from the first to the last. */
const rangeOf = (bucket: number): readonly [firstUs: number, lastUs: number] => {
  const shift = Math.max(0, Math.floor(bucket / HALF_BUCKETS) - 1);
  const firstUs = (bucket - shift * HALF_BUCKETS) * 2 ** shift;
  return [firstUs, firstUs + 2 ** shift - 1];
};

/** How many latencies fell between two. */
export interface LatencyCount {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** Counts latencies up to 71 minutes, each to 1.6 % or 1 µs, in 14 KB however many there are. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(bucketOf(LARGEST_US) + 1);
  #count = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = 0;

  record(latencyMs: number): void {
    const ms = Math.max(0, latencyMs);
    const bucket = bucketOf(Math.min(LARGEST_US, Math.round(ms * US_PER_MS)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sumMs += ms;
    this.#minMs = Math.min(this.#minMs, ms);
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  get count(): number {
    return this.#count;
  }

  /** 0 where there is none. */
  get minMs(): number {
    return this.#count === 0 ? 0 : this.#minMs;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count;
  }

  /** The latency that this percentage of all did not exceed; that of 100 is the greatest. 0 where there is none. */
  percentileMs(percent: number): number {
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count - 1e-9));
    let seen = 0;
    for (const { toMs, count } of this.counts()) {
      seen += count;
      // The end of the bucket, since it is to hold for all in it.
      if (seen >= rank) return Math.min(toMs, this.#maxMs);
    }
    return 0;
  }

  /** The buckets with something in them, in order. */
  *counts(): Generator<LatencyCount> {
    for (const [bucket, count] of this.#counts.entries()) {
      if (count === 0) continue;
      const [firstUs, lastUs] = rangeOf(bucket);
      yield { fromMs: firstUs / US_PER_MS, toMs: lastUs / US_PER_MS, count };
    }
  }
}
