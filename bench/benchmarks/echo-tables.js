// @ts-check
import { hundredths, payloadSize, significant, spread, whole } from "../figures.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./echo.js").SceneResult} SceneResult */
/** @typedef {import("./echo.js").SideResult} SideResult */

const COLUMNS = [
  "in flight",
  "side",
  "req/s",
  "min–max",
  "ratio",
  "min–max",
  "median",
  "p99",
  "µs req.",
  "µs dev.",
];

/** @param {number} inFlight @param {SideResult} result @param {number} index */
const row = (inFlight, result, index) => [
  index === 0 ? whole(inFlight) : "",
  result.side,
  whole(result.perSecond.median),
  spread(result.perSecond, whole),
  index === 0 ? "" : hundredths(result.throughputRatio.median),
  index === 0 ? "" : spread(result.throughputRatio, hundredths),
  significant(result.medianMs.median),
  significant(result.p99Ms.median),
  whole(result.requesterMicros.median),
  whole(result.deviceMicros.median),
];

/**
 * One table for each scene and size of payload.
 *
 * @param {readonly SceneResult[]} scenes @returns {readonly Table[]}
 */
export const echoTables = (scenes) =>
  scenes.flatMap(({ scene, broker, cells }) =>
    [...new Set(cells.map(({ payloadBytes }) => payloadBytes))].map((payloadBytes) => ({
      title: `echo: ${payloadSize(payloadBytes)}, ${scene} (${broker})`,
      columns: COLUMNS,
      texts: 2,
      rows: cells
        .filter((cell) => cell.payloadBytes === payloadBytes)
        .flatMap(({ inFlight, sides }) =>
          sides.map((result, index) => row(inFlight, result, index)),
        ),
    })),
  );

/** What the columns of these tables mean. */
export const ECHO_LEGEND = `req/s: requests answered per second, median and spread of the rounds; ratio: to bare MQTT.js in the
same round; median, p99: latency in ms; µs: processor time per request of requester and device`;
