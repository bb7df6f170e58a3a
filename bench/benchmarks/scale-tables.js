// @ts-check
import { spread, whole, withSpread } from "../figures.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./scale.js").ScaleResult} ScaleResult */
/** @typedef {import("./scale.js").DevicesResult} DevicesResult */

/** Fewer are asked all at once, so there is no rate to speak of. */
const FEWEST_FOR_A_RATE = 100;

/** Two lines: the medians, and below them least and most. @param {DevicesResult} result */
const rows = ({ devices, firstPerSecond, cells }) => {
  const rates = cells.map(({ perSecond }) => perSecond);
  const first = devices < FEWEST_FOR_A_RATE ? [] : [firstPerSecond];
  /** @param {(summary: typeof firstPerSecond) => string} write */
  const cellsOf = (write) => [first.map(write).join(""), ...rates.map(write)];
  return [
    [whole(devices), ...cellsOf(({ median }) => whole(median))],
    ["", ...cellsOf((summary) => spread(summary, whole))],
  ];
};

/** @param {ScaleResult} result @returns {readonly Table[]} */
export const scaleTables = ({
  broker,
  throughput,
  subscriptions,
  inFlightHeap,
  knownDevicesHeap,
}) => [
  {
    title: `scale: requests per second by devices and requests in flight (${broker})`,
    columns: [
      "devices",
      "first contact",
      ...(throughput[0]?.cells ?? []).map(({ inFlight }) => `${whole(inFlight)} in flight`),
    ],
    rows: throughput.flatMap(rows),
  },
  {
    title: "scale: what is held",
    columns: ["", "held"],
    rows: [
      [
        `subscriptions for responses, after ${whole(subscriptions.requests)} requests to ` +
          `${whole(subscriptions.devices)} devices`,
        whole(subscriptions.responses),
      ],
      [
        `bytes of heap per request, of ${whole(inFlightHeap.requests)} in flight, without its text`,
        withSpread(inFlightHeap.perRequestBytes, whole),
      ],
      ["bytes of heap per text", withSpread(inFlightHeap.perTextBytes, whole)],
      [
        `bytes of heap per known device, of ${whole(knownDevicesHeap.devices)}`,
        withSpread(knownDevicesHeap.perDeviceBytes, whole),
      ],
    ],
  },
];
