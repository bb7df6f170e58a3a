// @ts-check
// A million requests: does anything pile up?
import { withBroker } from "../brokers/broker.js";
import { significant, whole } from "../figures.js";
import { withPair } from "../pair.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./all.js").Setting} Setting */

const STEPS = 10;
const REQUESTS = 1_000_000;
const QUICK_REQUESTS = 100_000;
const BATCH = { inFlight: 64, devices: 1, payloadBytes: 200 };

/**
 * @typedef {object} Step
 * @property {number} requests How many there have been.
 * @property {number} perSecond Since the step before.
 * @property {number} requesterHeap Bytes in use after a garbage collection.
 * @property {number} deviceHeap
 */
/**
 * @typedef {object} SoakResult Both sides use the library.
 * @property {string} broker
 * @property {number} requests
 * @property {readonly Step[]} steps
 */

/** @param {Setting} setting @returns {Promise<SoakResult>} */
export const measureSoak = ({ quick, note }) =>
  withBroker({}, (broker) => {
    const gc = ["--expose-gc"];
    const requests = quick ? QUICK_REQUESTS : REQUESTS;
    const pair = {
      requester: /** @type {const} */ ("library"),
      device: /** @type {const} */ ("library"),
      side: {
        url: broker.url,
        protocolVersion: /** @type {const} */ (5),
        qos: /** @type {const} */ (0),
        prefix: "s",
      },
      requesterNodeOptions: gc,
      deviceNodeOptions: gc,
    };
    return withPair(pair, async ({ requester, device }) => {
      const count = requests / STEPS;
      const steps = [];
      for (let step = 1; step <= STEPS; step += 1) {
        note(`soak: ${whole(step * count)} requests`);
        const tookMs = await requester.call("batch", { ...BATCH, count });
        steps.push({
          requests: step * count,
          perSecond: (count * 1000) / tookMs,
          requesterHeap: await requester.call("heap", undefined),
          deviceHeap: await device.call("heap", undefined),
        });
      }
      return { broker: broker.name, requests, steps };
    });
  });

/** How much more heap is in use at the end than after the first tenth, as a ratio. @param {readonly number[]} heaps */
export const growthOf = (heaps) => (heaps.at(-1) ?? Number.NaN) / (heaps[0] ?? Number.NaN);

const MEGABYTE = 1_000_000;

/** @param {SoakResult} result @returns {readonly Table[]} */
export const soakTables = ({ broker, steps }) => [
  {
    title: `soak: heap in use (${broker})`,
    columns: ["requests", "req/s", "requester MB", "device MB"],
    rows: steps.map(({ requests, perSecond, requesterHeap, deviceHeap }) => [
      whole(requests),
      whole(perSecond),
      significant(requesterHeap / MEGABYTE),
      significant(deviceHeap / MEGABYTE),
    ]),
  },
];
