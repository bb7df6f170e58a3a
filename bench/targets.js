// @ts-check
import { readFileSync } from "node:fs";
import { hundredths, kilobytes, whole } from "./figures.js";
import { growthOf } from "./benchmarks/soak.js";

/** @typedef {import("./benchmarks/echo.js").SceneResult} SceneResult */
/** @typedef {import("./table.js").Table} Table */

/**
 * @typedef {object} Results What was measured; absent: was not.
 * @property {readonly SceneResult[]} [echo]
 * @property {import("./benchmarks/sync.js").SyncResult} [sync]
 * @property {import("./benchmarks/scale.js").ScaleResult} [scale]
 * @property {import("./benchmarks/router.js").RouterResult} [router]
 * @property {import("./benchmarks/devices.js").DevicesResult} [devices]
 * @property {import("./benchmarks/data.js").DataResult} [data]
 * @property {import("./benchmarks/soak.js").SoakResult} [soak]
 * @property {readonly import("./benchmarks/pure.js").StepResult[]} [pure]
 * @property {import("./benchmarks/size.js").SizeResult} [size]
 */

/**
 * @typedef {object} Target What the library sets out to do.
 * @property {string} name
 * @property {"at least" | "at most" | "below"} bound
 * @property {number} limit
 * @property {(value: number) => string} write
 * @property {(results: Results) => number | undefined} read Undefined: was not measured.
 */

/** @typedef {{ name: string, bound: string, limit: number, value: number | undefined, met: boolean | undefined }} Verdict */

const SMALL_BYTES = 200;

/** What `npm run check:size` guards, in bytes: there is one figure only. */
const ownCodeLimit = () => {
  const file = new URL("../.size-limit.json", import.meta.url);
  /** @type {readonly { name: string, limit: string }[]} */
  const guarded = JSON.parse(readFileSync(file, "utf8"));
  return 1000 * Number.parseFloat(guarded.find(({ name }) => name === "own code")?.limit ?? "");
};

/**
 * One side in one cell of the QoS 0 echoes: only those over a stock Mosquitto count.
 *
 * @param {Results} results @param {{ protocolVersion: 4 | 5, inFlight: number, side: string }} place
 */
const findEcho = ({ echo = [] }, { protocolVersion, inFlight, side }) =>
  echo
    .filter(({ isMosquitto, noDelay, qos }) => isMosquitto && !noDelay && qos === 0)
    .find((scene) => scene.protocolVersion === protocolVersion)
    ?.cells.find((cell) => cell.inFlight === inFlight && cell.payloadBytes === SMALL_BYTES)
    ?.sides.find((result) => result.side === side);

/** @param {4 | 5} protocolVersion @returns {readonly Target[]} */
const echoTargets = (protocolVersion) => {
  const version = protocolVersion === 4 ? "MQTT 3.1.1" : "MQTT 5";
  /** @param {Results} results @param {number} inFlight */
  const find = (results, inFlight) =>
    findEcho(results, { protocolVersion, inFlight, side: "mailbox" });
  return [
    ...[64, 512].map((inFlight) => ({
      name: `throughput to bare, ${inFlight} in flight, ${version}`,
      bound: /** @type {const} */ ("at least"),
      limit: 0.95,
      write: hundredths,
      read: (/** @type {Results} */ results) => find(results, inFlight)?.throughputRatio.median,
    })),
    {
      name: `median latency to bare, one after another, ${version}`,
      bound: "at most",
      limit: 1.1,
      write: hundredths,
      read: (results) => find(results, 1)?.medianRatio.median,
    },
  ];
};

/** @type {readonly Target[]} */
const SYNC_TARGETS = [
  { name: "median latency, sync to async", side: /** @type {const} */ ("sync"), limit: 1.6 },
  { name: "the same with spin", side: /** @type {const} */ ("sync, spin"), limit: 1.25 },
].map(({ name, side, limit }) => ({
  name,
  bound: "at most",
  limit,
  write: hundredths,
  read: ({ sync }) => sync?.sides.find((result) => result.side === side)?.medianRatio.median,
}));

/** @type {readonly Target[]} */
const DEVICES_TARGETS = /** @type {const} */ (["list", "group"]).map((asked) => ({
  name: `throughput, requestMany() of a ${asked} to request()`,
  bound: "at least",
  limit: 0.8,
  write: hundredths,
  read: ({ devices }) => devices?.ways.find(({ way }) => way === asked)?.ratio.median,
}));

/** @param {Results} results */
const mailboxToPerRequest = (results) => {
  const place = /** @type {const} */ ({ protocolVersion: 4, inFlight: 64 });
  const mailbox = findEcho(results, { ...place, side: "mailbox" });
  const perRequest = findEcho(results, { ...place, side: "per request" });
  if (mailbox === undefined || perRequest === undefined) return undefined;
  return mailbox.perSecond.median / perRequest.perSecond.median;
};

/** @type {readonly Target[]} */
const ROUTER_TARGETS = [
  { name: "device's time, router to handler", side: /** @type {const} */ ("router") },
  { name: "the same, path with parameter", side: /** @type {const} */ ("router, pattern") },
].map(({ name, side }) => ({
  name,
  bound: /** @type {const} */ ("at most"),
  limit: 1.05,
  write: hundredths,
  read: ({ router }) => router?.sides.find((result) => result.side === side)?.deviceRatio.median,
}));

/** @param {Results} results @param {string} side */
const waveformOn = ({ data }, side) => data?.waveform.find((result) => result.side === side);

/** CBOR to JSON. @param {Results} results @param {"perSecond" | "requesterMicros" | "deviceMicros"} figure */
const cborToJson = (results, figure) => {
  const [cbor, json] = [waveformOn(results, "CBOR"), waveformOn(results, "JSON")];
  return cbor && json && cbor[figure].median / json[figure].median;
};

/** @type {readonly Target[]} */
const DATA_TARGETS = [
  {
    name: "waveforms per second, CBOR to JSON",
    bound: "at least",
    limit: 10,
    write: hundredths,
    read: (results) => cborToJson(results, "perSecond"),
  },
  {
    name: "time of a waveform, CBOR to bare",
    bound: "at most",
    limit: 1.3,
    write: hundredths,
    read: (results) => waveformOn(results, "CBOR")?.medianRatio.median,
  },
  {
    name: "requester's time for a waveform, CBOR to JSON",
    bound: "at most",
    limit: 0.1,
    write: hundredths,
    read: (results) => cborToJson(results, "requesterMicros"),
  },
  {
    name: "device's time for a waveform, CBOR to JSON",
    bound: "at most",
    limit: 0.1,
    write: hundredths,
    read: (results) => cborToJson(results, "deviceMicros"),
  },
  {
    name: "throughput of small requests, CBOR offered to JSON alone",
    bound: "at least",
    limit: 0.97,
    write: hundredths,
    read: ({ data }) =>
      data?.small.find(({ side }) => side === "CBOR offered")?.throughputRatio.median,
  },
];

/** @type {readonly Target[]} */
const TARGETS = [
  ...echoTargets(4),
  ...echoTargets(5),
  {
    name: "throughput, mailbox to per request, 64 in flight",
    bound: "at least",
    limit: 1.8,
    write: hundredths,
    read: mailboxToPerRequest,
  },
  ...SYNC_TARGETS,
  ...ROUTER_TARGETS,
  {
    name: "subscriptions for responses, 1,000 devices",
    bound: "at most",
    limit: 1,
    write: whole,
    read: ({ scale }) => scale?.subscriptions.responses,
  },
  {
    name: "bytes of heap per request in flight",
    bound: "below",
    limit: 1_500,
    write: whole,
    read: ({ scale }) => scale?.inFlightHeap.perRequestBytes.median,
  },
  {
    name: "device: processor time with answers kept to without",
    bound: "at most",
    limit: 1.05,
    write: hundredths,
    read: ({ devices }) =>
      devices?.kept
        .find(({ payloadBytes }) => payloadBytes === SMALL_BYTES)
        ?.sides.find(({ side }) => side === "default")?.deviceRatio.median,
  },
  ...DEVICES_TARGETS,
  ...DATA_TARGETS,
  {
    name: "heap at the end to after a tenth, requester",
    bound: "at most",
    limit: 1.05,
    write: hundredths,
    read: ({ soak }) => soak && growthOf(soak.steps.map(({ requesterHeap }) => requesterHeap)),
  },
  {
    name: "heap at the end to after a tenth, device",
    bound: "at most",
    limit: 1.05,
    write: hundredths,
    read: ({ soak }) => soak && growthOf(soak.steps.map(({ deviceHeap }) => deviceHeap)),
  },
  {
    name: "own code in a bundle, gzip",
    bound: "below",
    limit: ownCodeLimit(),
    write: kilobytes,
    read: ({ size }) =>
      size?.bundles.find(({ content, extent }) => content === "everything" && extent === "own code")
        ?.gzipBytes,
  },
];

/** @param {Target} target @param {number} value */
const isMet = ({ bound, limit }, value) => {
  if (bound === "at least") return value >= limit;
  return bound === "below" ? value < limit : value <= limit;
};

/** @param {Results} results @returns {readonly Verdict[]} */
export const judge = (results) =>
  TARGETS.map((target) => {
    const { name, bound, limit, read } = target;
    const value = read(results);
    return { name, bound, limit, value, met: value === undefined ? value : isMet(target, value) };
  });

/** @param {readonly Verdict[]} verdicts @returns {Table} */
export const targetsTable = (verdicts) => ({
  title: "targets",
  columns: ["", "measured", "target", ""],
  rows: verdicts.map(({ name, bound, limit, value, met }, index) => {
    const write = TARGETS[index]?.write ?? String;
    const mark = met === undefined ? "not measured" : met ? "met" : "MISSED";
    return [name, value === undefined ? "" : write(value), `${bound} ${write(limit)}`, mark];
  }),
});
