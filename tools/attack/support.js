// @ts-check
// What every attack needs: the same chance for the same seed, its size, and an end with code 1 for any fault.
import { parseArgs } from "node:util";

/** What the command line asks for. @param {number} count - how many, where nothing is said */
export const readSize = (count) => {
  const { values } = parseArgs({
    options: { count: { type: "string" }, seed: { type: "string", default: "1" } },
  });
  return { count: Number(values.count ?? count), seed: Number(values.seed) };
};

/** Numbers from 0 up to 1, the same ones for the same seed. @param {number} seed */
export const randomFrom = (seed) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

/** @param {string} what @param {unknown} [error] @returns {never} */
export const fail = (what, error) => {
  console.error(`FAILED: ${what}`, error ?? "");
  process.exit(1);
};

/** Whatever nobody catches is a fault. */
export const watchProcess = () => {
  process.on("uncaughtException", (error) => fail("uncaught exception", error));
  process.on("unhandledRejection", (error) => fail("unhandled rejection", error));
  // A promise that never settles lets the event loop run dry.
  process.on("exit", (code) => {
    if (code === 13) console.error("FAILED: a promise never settled");
  });
};
