/**
 * Random numbers from 0 up to but not including 1, the same ones for the same seed: simulations can be played again.
 * @example
 * const random = seededRandom(1);
 * const noise = random() - 0.5;
 */
export const seededRandom = (seed: number): (() => number) => {
  let state = Math.trunc(seed) >>> 0;
  return () => {
    // mulberry32: good enough for noise, and not for secrets.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
