// @ts-check
// What a waveform costs in CBOR and as a JSON array, beside MQTT.js that answers with as many bytes; and what it costs
// small requests to ask for CBOR where JSON is all that there is.
import { withBroker } from "../brokers/broker.js";
import { compareSides } from "../comparison.js";
import { measureFormats } from "./formats.js";

/** @typedef {import("../pair.js").PairOptions} PairOptions */
/** @typedef {import("./all.js").Setting} Setting */
/** @typedef {"bare" | "CBOR" | "JSON"} WaveformSideName */
/** @typedef {"JSON alone" | "CBOR offered"} SmallSideName */
/** @typedef {import("../comparison.js").SideResult<WaveformSideName>} WaveformSide */
/** @typedef {import("../comparison.js").SideResult<SmallSideName>} SmallSide */

/**
 * @typedef {object} DataResult
 * @property {string} broker
 * @property {readonly WaveformSide[]} waveform One after another.
 * @property {readonly SmallSide[]} small 64 in flight.
 * @property {readonly import("./formats.js").FormatResult[]} formats
 */

const WAVEFORM_CELL = { inFlight: 1, payloadBytes: 200 };
const SMALL_CELL = { inFlight: 64, payloadBytes: 200 };

const common = /** @type {const} */ ({ protocolVersion: 5, qos: 0 });

/** @param {string} url @returns {readonly { side: WaveformSideName, pair: PairOptions }[]} */
const waveformSides = (url) => [
  {
    side: "bare",
    pair: {
      requester: "bare",
      device: "bare",
      side: { ...common, url, prefix: "wb", waveform: "bytes" },
    },
  },
  {
    side: "CBOR",
    pair: {
      requester: "library",
      device: "library",
      side: { ...common, url, prefix: "wc", waveform: "typed", offersCbor: true },
    },
  },
  {
    side: "JSON",
    pair: {
      requester: "library",
      device: "library",
      side: { ...common, url, prefix: "wj", waveform: "list" },
    },
  },
];

/** The device has JSON alone on both sides: it is written without the library. @param {string} url */
const smallSides = (url) =>
  [
    { side: /** @type {const} */ ("JSON alone"), offersCbor: false },
    { side: /** @type {const} */ ("CBOR offered"), offersCbor: true },
  ].map(({ side, offersCbor }) => ({
    side,
    pair: /** @type {PairOptions} */ ({
      requester: "library",
      device: "bare",
      side: { ...common, url, prefix: offersCbor ? "so" : "sj", offersCbor },
    }),
  }));

/** @param {Setting} setting @returns {Promise<DataResult>} */
export const measureData = (setting) =>
  withBroker({}, async ({ name, url }) => {
    const [waveform] = await compareSides(
      {
        name: `data, waveform: ${name}`,
        sides: waveformSides(url),
        cells: [WAVEFORM_CELL],
        warmUp: WAVEFORM_CELL,
      },
      setting,
    );
    const [small] = await compareSides(
      {
        name: `data, small: ${name}`,
        sides: smallSides(url),
        cells: [SMALL_CELL],
        warmUp: SMALL_CELL,
      },
      setting,
    );
    const formats = measureFormats(setting.quick);
    return { broker: name, waveform: waveform?.sides ?? [], small: small?.sides ?? [], formats };
  });
