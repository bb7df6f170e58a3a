// @ts-check
// Requests that are answered at once with what they hold: how much the library adds to MQTT.js.
import { hasNoDelayVariant, withBroker } from "../brokers/broker.js";
import { compareSides } from "../comparison.js";

/** @typedef {import("../brokers/broker.js").Broker} Broker */
/** @typedef {import("../comparison.js").Cell} Cell */
/** @typedef {import("../pair.js").PairOptions} PairOptions */
/** @typedef {import("./all.js").Setting} Setting */

/** @typedef {"bare" | "mailbox" | "per request"} SideName MQTT.js alone, or how the library routes responses. */
/** @typedef {import("../comparison.js").SideResult<SideName>} SideResult */

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
 * @typedef {object} SceneResult
 * @property {string} scene
 * @property {string} broker
 * @property {boolean} isMosquitto
 * @property {4 | 5} protocolVersion
 * @property {0 | 1} qos
 * @property {boolean} noDelay
 * @property {readonly (Cell & { sides: readonly SideResult[] })[]} cells
 */

/** @param {Broker} broker @param {Scene} scene @param {SideName} side @returns {PairOptions} */
const pairOf = ({ url }, { protocolVersion, qos }, side) => {
  const kind = side === "bare" ? "bare" : "library";
  return {
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
  };
};

/** @param {Scene} scene @param {boolean} quick */
const cellsFor = ({ cells }, quick) =>
  quick ? cells.filter(({ payloadBytes }) => payloadBytes < LARGE_BYTES) : cells;

/** @param {Scene} scene @param {Setting} setting @returns {Promise<SceneResult>} */
const playScene = (scene, setting) =>
  withBroker({ noDelay: scene.noDelay }, async (broker) => {
    const { name, protocolVersion, qos, noDelay, sides } = scene;
    const contest = {
      name: `echo: ${name}, ${broker.name}`,
      sides: sides.map((side) => ({ side, pair: pairOf(broker, scene, side) })),
      cells: cellsFor(scene, setting.quick),
      warmUp: { inFlight: 64, payloadBytes: SMALL_BYTES },
    };
    const cells = await compareSides(contest, setting);
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
