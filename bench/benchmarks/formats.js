// @ts-check
// What it takes to write and to read a waveform in each form, on one core and without any I/O.
import { cbor } from "gf-mqtt-client/cbor";
import { summarise } from "../summary.js";

/** @typedef {import("../summary.js").Summary} Summary */
/** @typedef {{ form: string, bytes: number, writeMs: Summary, readMs: Summary }} FormatResult */

/**
 * @typedef {object} Form
 * @property {string} form
 * @property {() => string | Uint8Array} write
 * @property {(written: any) => unknown} read What was written, as numbers.
 */

export const SAMPLES = 393_216;
const WARM_UPS = 3;
const RUNS = { quick: 3, whole: 25 };

const samples = Float32Array.from({ length: SAMPLES }, (_, at) => Math.sin(at / 100) * 1_000);
const whole = Int16Array.from(samples);

/** @type {readonly Form[]} */
const FORMS = [
  {
    form: "JSON, an array of numbers",
    write: () => JSON.stringify(Array.from(samples)),
    read: (text) => Float32Array.from(JSON.parse(text)),
  },
  {
    form: "JSON, an array of integers",
    write: () => JSON.stringify(Array.from(whole)),
    read: (text) => Int16Array.from(JSON.parse(text)),
  },
  {
    form: "JSON, hexadecimal digits",
    write: () => JSON.stringify(Buffer.from(whole.buffer).toString("hex")),
    read: (text) => new Int16Array(Buffer.from(JSON.parse(text), "hex").buffer),
  },
  {
    form: "CBOR, a Float32Array",
    write: () => cbor.encode(samples, "waveform"),
    read: (bytes) => cbor.decode(bytes, 10),
  },
];

/** @param {() => unknown} act */
const timed = (act) => {
  const startedAt = performance.now();
  act();
  return performance.now() - startedAt;
};

/** @param {() => unknown} act @param {number} runs */
const timesOf = (act, runs) => {
  for (let count = 0; count < WARM_UPS; count += 1) act();
  return summarise(Array.from({ length: runs }, () => timed(act)));
};

/** @param {boolean} quick @returns {readonly FormatResult[]} */
export const measureFormats = (quick) => {
  const runs = quick ? RUNS.quick : RUNS.whole;
  return FORMS.map(({ form, write, read }) => {
    const written = write();
    return {
      form,
      bytes: written.length,
      writeMs: timesOf(write, runs),
      readMs: timesOf(() => read(written), runs),
    };
  });
};
