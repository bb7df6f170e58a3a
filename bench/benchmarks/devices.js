// @ts-check
// What it costs a device to keep its answers, and a requester to ask many devices at once.
import { withBroker } from "../brokers/broker.js";
import { compareSides } from "../comparison.js";
import { withPair } from "../pair.js";
import { summarise, summariseRatio } from "../summary.js";

/** @typedef {import("../brokers/broker.js").Broker} Broker */
/** @typedef {import("../pair.js").PairOptions} PairOptions */
/** @typedef {import("../side-process.js").SideProcess} SideProcess */
/** @typedef {import("../summary.js").Summary} Summary */
/** @typedef {import("./all.js").Setting} Setting */

/** @typedef {"none" | "default"} Kept Which answers a device keeps for requests that come again. */
/** @typedef {"request()" | "list" | "group"} Way How many devices are asked. */
/** @typedef {{ way: Way, perSecond: Summary, ratio: Summary }} WayResult `ratio`: to `request()`. */
/**
 * @typedef {object} DevicesResult
 * @property {string} broker
 * @property {readonly (import("../comparison.js").Cell & { sides: readonly import("../comparison.js").SideResult<Kept>[] })[]} kept
 * @property {number} devices
 * @property {readonly WayResult[]} ways
 */

const PAYLOAD_BYTES = 200;
const IN_FLIGHT = 64;
const KEPT = /** @type {const} */ (["none", "default"]);
const WAYS = /** @type {const} */ (["request()", "list", "group"]);
const DEVICES = 1_000;
/** Times that all are asked in each round. */
const TIMES = 20;

/** @param {Broker} broker @param {Setting} setting */
const compareKept = ({ name, url }, setting) => {
  const cell = { inFlight: IN_FLIGHT, payloadBytes: PAYLOAD_BYTES };
  /** @param {Kept} side @returns {PairOptions} */
  const pairOf = (side) => ({
    requester: "library",
    device: "library",
    side: {
      url,
      protocolVersion: 5,
      qos: 0,
      // All pairs use the same broker, each with a device of its own.
      prefix: `k${side.slice(0, 1)}`,
      ...(side === "none" && { repeats: false }),
    },
  });
  const sides = KEPT.map((side) => ({ side, pair: pairOf(side) }));
  const cells = [cell, { ...cell, payloadBytes: 10_000 }];
  return compareSides(
    { name: `devices: answers kept, ${name}`, sides, cells, warmUp: cell },
    setting,
  );
};

/** How long it takes to ask all, in ms. @param {SideProcess} requester @param {Way} way */
const ask = (requester, way) =>
  way === "request()"
    ? requester.call("batch", {
        devices: DEVICES,
        count: DEVICES,
        inFlight: IN_FLIGHT,
        payloadBytes: PAYLOAD_BYTES,
      })
    : requester.call("many", {
        devices: DEVICES,
        payloadBytes: PAYLOAD_BYTES,
        isGroup: way === "group",
      });

/** @param {Broker} broker @param {number} times @returns {Promise<readonly number[]>} Of each way, in ms. */
const playRound = ({ url }, times) =>
  withPair(
    {
      requester: "library",
      device: "bare",
      side: {
        url,
        protocolVersion: 5,
        qos: 0,
        prefix: "m",
        isEveryDevice: true,
        groupSize: DEVICES,
      },
    },
    async ({ requester }) => {
      const sums = WAYS.map(() => 0);
      // The first time, all are unknown and nothing is compiled.
      for (let time = -times; time < times; time += 1) {
        for (const [index, way] of WAYS.entries()) {
          const ms = await ask(requester, way);
          if (time >= 0) sums[index] = (sums[index] ?? 0) + ms;
        }
      }
      return sums;
    },
  );

/** @param {Broker} broker @param {Setting} setting @returns {Promise<readonly WayResult[]>} */
const compareWays = async (broker, { quick, rounds, note }) => {
  const times = quick ? 1 : TIMES;
  const byRound = /** @type {(readonly number[])[]} */ ([]);
  for (let round = 1; round <= rounds; round += 1) {
    note(`devices: many at once: round ${round} of ${rounds}`);
    byRound.push(await playRound(broker, times));
  }
  /** @param {number} index */
  const rates = (index) =>
    byRound.map((sums) => (times * DEVICES * 1000) / (sums[index] ?? Number.NaN));
  return WAYS.map((way, index) => ({
    way,
    perSecond: summarise(rates(index)),
    ratio: summariseRatio(rates(index), rates(0)),
  }));
};

/** @param {Setting} setting @returns {Promise<DevicesResult>} */
export const measureDevices = (setting) =>
  withBroker({}, async (broker) => ({
    broker: broker.name,
    kept: await compareKept(broker, setting),
    devices: DEVICES,
    ways: await compareWays(broker, setting),
  }));
