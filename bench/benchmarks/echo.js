// @ts-check
// Requests that are answered at once with what they hold: how much the library adds to MQTT.js.
import { hasNoDelayVariant, withBroker } from "../brokers/broker.js";
import { Pair } from "../pair.js";
import { summarise, summariseRatio } from "../summary.js";

/** @typedef {import("../summary.js").Summary} Summary */
/** @typedef {import("../brokers/broker.js").Broker} Broker */
/** @typedef {import("../pair.js").PairResult} PairResult */
/** @typedef {import("./all.js").Setting} Setting */

/** @typedef {"bare" | "mailbox" | "per request"} SideName MQTT.js alone, or how the library routes responses. */
/** @typedef {{ inFlight: number, payloadBytes: number }} Cell */

/**
 * @typedef {object} Scene What is compared with each other.
 * @property {string} name
 * @property {4 | 5} protocolVersion
 * @property {0 | 1} qos
 * @property {boolean} noDelay
 * @property {readonly SideName[]} sides The first is what the others are compared with.
 * @property {readonly Cell[]} cells
 */

/** @param {number} payloadBytes @param {readonly number[]} inFlight @returns {readonly Cell[]} */
const cellsOf = (payloadBytes, inFlight) =>
  inFlight.map((count) => ({ inFlight: count, payloadBytes }));

const SMALL_BYTES = 200;
const LARGE_BYTES = 1_000_000;
const SMALL_CELLS = cellsOf(SMALL_BYTES, [1, 64, 512]);
// 512 MB in flight would take the better part of a minute, and measure the machine's memory.
const ALL_CELLS = [
  ...SMALL_CELLS,
  ...cellsOf(10_000, [1, 64, 512]),
  ...cellsOf(LARGE_BYTES, [1, 64]),
];
const QOS_1 = { protocolVersion: /** @type {const} */ (4), qos: /** @type {const} */ (1) };

/** @type {readonly Scene[]} */
const SCENES = [
  {
    name: "MQTT 3.1.1, QoS 0",
    protocolVersion: 4,
    qos: 0,
    noDelay: false,
    sides: ["bare", "mailbox", "per request"],
    cells: ALL_CELLS,
  },
  {
    name: "MQTT 5, QoS 0",
    protocolVersion: 5,
    qos: 0,
    noDelay: false,
    sides: ["bare", "mailbox"],
    cells: ALL_CELLS,
  },
  {
    name: "MQTT 3.1.1, QoS 0",
    protocolVersion: 4,
    qos: 0,
    noDelay: true,
    sides: ["bare", "mailbox", "per request"],
    cells: SMALL_CELLS,
  },
  {
    name: "MQTT 3.1.1, QoS 1",
    ...QOS_1,
    noDelay: false,
    sides: ["bare", "mailbox"],
    cells: SMALL_CELLS,
  },
  {
    name: "MQTT 3.1.1, QoS 1",
    ...QOS_1,
    noDelay: true,
    sides: ["bare", "mailbox"],
    cells: SMALL_CELLS,
  },
];

/**
 * @typedef {object} SideResult
 * @property {SideName} side
 * @property {Summary} perSecond
 * @property {Summary} medianMs
 * @property {Summary} p99Ms
 * @property {Summary} requesterMicros Processor time per request.
 * @property {Summary} deviceMicros
 * @property {Summary} throughputRatio To the scene's first side, in the same round.
 * @property {Summary} medianRatio
 */

/**
 * @typedef {object} SceneResult
 * @property {string} scene
 * @property {string} broker
 * @property {boolean} isMosquitto
 * @property {4 | 5} protocolVersion
 * @property {0 | 1} qos
 * @property {boolean} noDelay
 * @property {readonly (Cell & { sides: readonly SideResult[] })[]} cells
 */

/** @param {Broker} broker @param {Scene} scene @param {SideName} side */
const startPair = ({ url }, { protocolVersion, qos }, side) => {
  const kind = side === "bare" ? "bare" : "library";
  return Pair.start({
    requester: kind,
    device: kind,
    side: {
      url,
      protocolVersion,
      qos,
      // All pairs use the same broker, each with a device of its own.
      prefix: side.slice(0, 1),
      responseRouting: side === "per request" ? "per-request" : "auto",
    },
  });
};

/**
 * Measures every cell once on every side: A B C, then the next cell. The processes are new ones each
 * time, since two runs of the same program can differ by how they were compiled.
 *
 * @param {Broker} broker @param {Scene} scene @param {Setting} setting
 */
const playRound = async (broker, scene, { quick }) => {
  const pairs = /** @type {Pair[]} */ ([]);
  try {
    for (const side of scene.sides) pairs.push(await startPair(broker, scene, side));
    const warmUp = { inFlight: 64, payloadBytes: SMALL_BYTES, devices: 1, measureMs: 0 };
    for (const pair of pairs) await pair.measure({ ...warmUp, warmUpMs: quick ? 50 : 1_500 });
    const times = quick ? { warmUpMs: 10, measureMs: 50 } : { warmUpMs: 200, measureMs: 1_000 };
    const results = /** @type {PairResult[][]} */ ([]);
    for (const cell of cellsFor(scene, quick)) {
      const row = /** @type {PairResult[]} */ ([]);
      for (const pair of pairs) row.push(await pair.measure({ ...cell, ...times, devices: 1 }));
      results.push(row);
    }
    return results;
  } finally {
    for (const pair of pairs) await pair.close();
  }
};

/** @param {Scene} scene @param {boolean} quick */
const cellsFor = ({ cells }, quick) =>
  quick ? cells.filter(({ payloadBytes }) => payloadBytes < LARGE_BYTES) : cells;

/** One figure of every round. @param {readonly PairResult[]} results @param {keyof PairResult} name */
const all = (results, name) => results.map((result) => result[name]);

/**
 * @param {SideName} side
 * @param {readonly PairResult[]} own By round. @param {readonly PairResult[]} first The same of the first side.
 * @returns {SideResult}
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
  };
};

/** @param {Scene} scene @param {Setting} setting @returns {Promise<SceneResult>} */
const playScene = (scene, setting) =>
  withBroker({ noDelay: scene.noDelay }, async (broker) => {
    const { name, protocolVersion, qos, noDelay, sides } = scene;
    const rounds = /** @type {PairResult[][][]} */ ([]);
    for (let round = 1; round <= setting.rounds; round += 1) {
      setting.note(`echo: ${name}, ${broker.name}: round ${round} of ${setting.rounds}`);
      rounds.push(await playRound(broker, scene, setting));
    }
    const cells = cellsFor(scene, setting.quick).map((cell, cellIndex) => {
      /** @param {number} side */
      const byRound = (side) => rounds.flatMap((results) => results[cellIndex]?.[side] ?? []);
      const first = byRound(0);
      return { ...cell, sides: sides.map((side, index) => compare(side, byRound(index), first)) };
    });
    const { name: brokerName, isMosquitto } = broker;
    return { scene: name, broker: brokerName, isMosquitto, protocolVersion, qos, noDelay, cells };
  });

/** @param {Setting} setting @returns {Promise<readonly SceneResult[]>} */
export const measureEcho = async (setting) => {
  const results = [];
  for (const scene of SCENES) {
    if (scene.noDelay && !hasNoDelayVariant) continue;
    results.push(await playScene(scene, setting));
  }
  return results;
};
