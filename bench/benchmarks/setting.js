// @ts-check

/**
 * @typedef {object} Setting How to measure.
 * @property {boolean} quick Just long enough to see that everything works.
 * @property {number} rounds How often.
 * @property {(text: string) => void} note Tells what is being measured.
 */

export {};
