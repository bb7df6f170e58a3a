// @ts-check
// What blocking costs: requests one after another, and the start of a program.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withBroker } from "../brokers/broker.js";
import { compareSides } from "../comparison.js";
import { summarise } from "../summary.js";

/** @typedef {import("../brokers/broker.js").Broker} Broker */
/** @typedef {import("../pair.js").PairOptions} PairOptions */
/** @typedef {import("../sides/start-up.js").StartUp} StartUp */
/** @typedef {import("../sides/start-up.js").StartUpOptions} StartUpOptions */
/** @typedef {import("../summary.js").Summary} Summary */
/** @typedef {import("./all.js").Setting} Setting */

/** @typedef {"async" | "sync" | "sync, spin" | "async to sync"} SideName Who asks; the last: and who is asked. */
/** @typedef {import("../comparison.js").SideResult<SideName>} SideResult */
/** @typedef {{ kind: StartUpOptions["kind"], importMs: Summary, connectMs: Summary, totalMs: Summary }} StartUpResult */
/** @typedef {{ broker: string, sides: readonly SideResult[], startUps: readonly StartUpResult[] }} SyncResult */

/** @typedef {Pick<PairOptions, "requester" | "device"> & { spinMs?: number }} Side */

/** @type {readonly (readonly [SideName, Side])[]} */
const SIDES = [
  ["async", { requester: "library", device: "library" }],
  ["sync", { requester: "sync", device: "library", spinMs: 0 }],
  ["sync, spin", { requester: "sync", device: "library", spinMs: 0.1 }],
  ["async to sync", { requester: "library", device: "sync" }],
];
const CELL = { inFlight: 1, payloadBytes: 200 };
const START_UPS = 21;
const QUICK_START_UPS = 3;
const KINDS = /** @type {const} */ (["async", "sync"]);

/** @param {Broker} broker @param {Setting} setting */
const compareRequests = async (broker, setting) => {
  const contest = {
    name: `sync: ${broker.name}`,
    sides: SIDES.map(([side, { requester, device, spinMs }], index) => {
      // All pairs use the same broker, each with a device of its own.
      const prefix = `s${index}d`;
      /** @type {PairOptions["side"]} */
      const options = { url: broker.url, protocolVersion: 4, qos: 0, prefix };
      return {
        side,
        pair: { requester, device, side: { ...options, ...(spinMs !== undefined && { spinMs }) } },
      };
    }),
    cells: [CELL],
    // One request after another is some thousand a second, and there are two threads to compile for.
    warmUp: { ...CELL, warmUpMs: 6_000 },
  };
  const cells = await compareSides(contest, setting);
  return cells.flatMap(({ sides }) => sides);
};

const startUpFile = fileURLToPath(new URL("../sides/start-up.js", import.meta.url));

/** In a fresh process. @param {StartUpOptions} options @returns {Promise<StartUp>} */
const startUp = async (options) => {
  // To block meanwhile would leave the broker's log unread, and stop the broker when the pipe is full.
  const { stdout } = await promisify(execFile)(process.execPath, [
    startUpFile,
    JSON.stringify(options),
  ]);
  return JSON.parse(stdout);
};

/** @param {Broker} broker @param {Setting} setting @returns {Promise<readonly StartUpResult[]>} */
const compareStartUps = async ({ url }, { quick, note }) => {
  note("sync: start-up");
  const rounds = /** @type {{ async: StartUp, sync: StartUp }[]} */ ([]);
  for (let count = quick ? QUICK_START_UPS : START_UPS; count > 0; count -= 1) {
    rounds.push({
      async: await startUp({ url, kind: "async" }),
      sync: await startUp({ url, kind: "sync" }),
    });
  }
  return KINDS.map((kind) => ({
    kind,
    importMs: summarise(rounds.map((round) => round[kind].importMs)),
    connectMs: summarise(rounds.map((round) => round[kind].connectMs)),
    totalMs: summarise(rounds.map((round) => round[kind].importMs + round[kind].connectMs)),
  }));
};

/** @param {Setting} setting @returns {Promise<SyncResult>} */
export const measureSync = (setting) =>
  withBroker({}, async (broker) => ({
    broker: broker.name,
    sides: await compareRequests(broker, setting),
    startUps: await compareStartUps(broker, setting),
  }));
