// @ts-check
// Pairs of processes that do the same, one right after the other, and what each takes for it.
import { Pair } from "./pair.js";
import { summarise, summariseRatio } from "./summary.js";

const WARM_UP_MS = 1_500;

/** @typedef {import("./summary.js").Summary} Summary */
/** @typedef {import("./pair.js").PairOptions} PairOptions */
/** @typedef {import("./pair.js").PairResult} PairResult */
/** @typedef {import("./benchmarks/all.js").Setting} Setting */

/** @typedef {{ inFlight: number, payloadBytes: number }} Cell */

/**
 * @template {string} Name
 * @typedef {object} Contest What is compared with each other.
 * @property {string} name
 * @property {readonly { side: Name, pair: PairOptions }[]} sides The first is what the others are compared with.
 * @property {readonly Cell[]} cells
 * @property {Cell & { warmUpMs?: number }} warmUp For 1,500 ms by default.
 */

/**
 * @template {string} [Name=string]
 * @typedef {object} SideResult
 * @property {Name} side
 * @property {Summary} perSecond
 * @property {Summary} medianMs
 * @property {Summary} p99Ms
 * @property {Summary} requesterMicros Processor time per request.
 * @property {Summary} deviceMicros
 * @property {Summary} throughputRatio To the first side, in the same round.
 * @property {Summary} medianRatio
 * @property {Summary} deviceRatio Of the processor time that the device takes.
 */

/**
 * Measures every cell once on every side: A B C, then the next cell. The processes are new ones each
 * time, since two runs of the same program can differ by how they were compiled.
 *
 * @template {string} Name
 * @param {Contest<Name>} contest @param {Setting} setting
 */
const playRound = async ({ sides, cells, warmUp }, { quick }) => {
  const pairs = /** @type {Pair[]} */ ([]);
  try {
    for (const { pair } of sides) pairs.push(await Pair.start(pair));
    const warmUpMs = quick ? 50 : (warmUp.warmUpMs ?? WARM_UP_MS);
    for (const pair of pairs) await pair.measure({ ...warmUp, devices: 1, warmUpMs, measureMs: 0 });
    const times = quick ? { warmUpMs: 10, measureMs: 50 } : { warmUpMs: 200, measureMs: 1_000 };
    const results = /** @type {PairResult[][]} */ ([]);
    for (const cell of cells) {
      const row = /** @type {PairResult[]} */ ([]);
      for (const pair of pairs) row.push(await pair.measure({ ...cell, ...times, devices: 1 }));
      results.push(row);
    }
    return results;
  } finally {
    for (const pair of pairs) await pair.close();
  }
};

/** One figure of every round. @param {readonly PairResult[]} results @param {keyof PairResult} name */
const all = (results, name) => results.map((result) => result[name]);

/**
 * @template {string} Name
 * @param {Name} side
 * @param {readonly PairResult[]} own By round. @param {readonly PairResult[]} first The same of the first side.
 * @returns {SideResult<Name>}
 */
const compare = (side, own, first) => {
  return {
    side,
    perSecond: summarise(all(own, "perSecond")),
    medianMs: summarise(all(own, "medianMs")),
    p99Ms: summarise(all(own, "p99Ms")),
    requesterMicros: summarise(all(own, "requesterMicros")),
    deviceMicros: summarise(all(own, "deviceMicros")),
    throughputRatio: summariseRatio(all(own, "perSecond"), all(first, "perSecond")),
    medianRatio: summariseRatio(all(own, "medianMs"), all(first, "medianMs")),
    deviceRatio: summariseRatio(all(own, "deviceMicros"), all(first, "deviceMicros")),
  };
};

/**
 * Plays all rounds; gives for every cell how the sides compare.
 *
 * @template {string} Name
 * @param {Contest<Name>} contest @param {Setting} setting
 * @returns {Promise<readonly (Cell & { sides: readonly SideResult<Name>[] })[]>}
 */
export const compareSides = async (contest, setting) => {
  const rounds = /** @type {PairResult[][][]} */ ([]);
  for (let round = 1; round <= setting.rounds; round += 1) {
    setting.note(`${contest.name}: round ${round} of ${setting.rounds}`);
    rounds.push(await playRound(contest, setting));
  }
  return contest.cells.map((cell, cellIndex) => {
    /** @param {number} index */
    const byRound = (index) => rounds.flatMap((results) => results[cellIndex]?.[index] ?? []);
    const first = byRound(0);
    const sides = contest.sides.map(({ side }, index) => compare(side, byRound(index), first));
    return { ...cell, sides };
  });
};
