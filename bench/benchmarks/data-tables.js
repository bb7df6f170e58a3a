// @ts-check
import { hundredths, kilobytes, significant, whole, withSpread } from "../figures.js";
import { SAMPLES } from "./formats.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./data.js").DataResult} DataResult */

/** @param {DataResult} result @returns {readonly Table[]} */
export const dataTables = ({ broker, waveform, small, formats }) => [
  {
    title: `data: ${whole(SAMPLES)} samples, written and read on one core`,
    columns: ["form", "bytes", "ms to write", "ms to read"],
    rows: formats.map(({ form, bytes, writeMs, readMs }) => [
      form,
      kilobytes(bytes),
      withSpread(writeMs, significant),
      withSpread(readMs, significant),
    ]),
  },
  {
    title: `data: a waveform of 4 x 98,304 float32, one after another (${broker})`,
    columns: ["", "ms", "to bare", "µs req.", "µs dev."],
    rows: waveform.map(({ side, medianMs, medianRatio, requesterMicros, deviceMicros }) => [
      side,
      withSpread(medianMs, significant),
      withSpread(medianRatio, hundredths),
      withSpread(requesterMicros, whole),
      withSpread(deviceMicros, whole),
    ]),
  },
  {
    title: `data: small requests, answered in JSON, 200 B, 64 in flight (${broker})`,
    columns: ["", "req/s", "ratio", "µs req."],
    rows: small.map(({ side, perSecond, throughputRatio, requesterMicros }) => [
      side,
      withSpread(perSecond, whole),
      withSpread(throughputRatio, hundredths),
      withSpread(requesterMicros, significant),
    ]),
  },
];
