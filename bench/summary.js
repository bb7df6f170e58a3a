// @ts-check

/** @typedef {{ median: number, min: number, max: number }} Summary Several measurements of the same thing. */

/**
 * The value below which a fraction of the values lies, between two of them if need be.
 *
 * @param {ArrayLike<number>} sorted In ascending order; not empty.
 * @param {number} fraction From 0 to 1.
 */
export const quantile = (sorted, fraction) => {
  const place = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place % 1);
};

/** @param {Iterable<number>} values Not empty. @returns {Summary} */
export const summarise = (values) => {
  const sorted = Float64Array.from(values).toSorted();
  return { median: quantile(sorted, 0.5), min: quantile(sorted, 0), max: quantile(sorted, 1) };
};

/**
 * How measurements compare with others, each with the one of the same round: what slowed the machine
 * in that round slowed both.
 *
 * @param {readonly number[]} values @param {readonly number[]} others As many.
 */
export const summariseRatio = (values, others) =>
  summarise(values.map((value, round) => value / (others[round] ?? Number.NaN)));
