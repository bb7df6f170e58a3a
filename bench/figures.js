// @ts-check
// How numbers are written in the tables.

/** @typedef {import("./summary.js").Summary} Summary */
/** @typedef {(value: number) => string} Write */

/** @param {number} digits @returns {Write} */
const withDigits = (digits) => {
  const format = new Intl.NumberFormat("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return (value) => format.format(value);
};

/** 12,345 */
export const whole = withDigits(0);
/** 0.97 */
export const hundredths = withDigits(2);

/** Three digits that count: 0.123, 12.3, 1,234. @type {Write} */
export const significant = (value) => {
  const size = Math.abs(value);
  if (size >= 100) return whole(value);
  return size >= 10 ? withDigits(1)(value) : withDigits(size >= 1 ? 2 : 3)(value);
};

/** Kilobytes of 1,000 bytes: 14.2 kB @type {Write} */
export const kilobytes = (bytes) => `${withDigits(1)(bytes / 1000)} kB`;

/** 200 B, 10 kB, 1 MB @type {Write} */
export const payloadSize = (bytes) => {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${bytes / 1000} kB` : `${bytes / 1_000_000} MB`;
};

/** From least to most. @param {Summary} summary @param {Write} write */
export const spread = ({ min, max }, write) => {
  const [least, most] = [write(min), write(max)];
  return least === most ? least : `${least}–${most}`;
};

/** Median and spread; one measurement has no spread. @param {Summary} summary @param {Write} write */
export const withSpread = (summary, write) =>
  summary.min === summary.max
    ? write(summary.median)
    : `${write(summary.median)} (${spread(summary, write)})`;
