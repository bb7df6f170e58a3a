// @ts-check

/** @typedef {"bytes" | "typed" | "list"} WaveformKind Bytes of the same number, typed arrays, or arrays of numbers. */

const CHANNELS = 4;
const SAMPLES = 98_304;
/** What stands around the samples in CBOR. */
const ENVELOPE_BYTES = 250;

/** As many bytes as a waveform has in CBOR. */
export const waveformBytes = () => Buffer.alloc(CHANNELS * SAMPLES * 4 + ENVELOPE_BYTES, 1);

/** What a data-acquisition board has measured. @param {WaveformKind} kind */
export const waveformOf = (kind) => {
  const channels = Array.from({ length: CHANNELS }, (_, channel) =>
    Float32Array.from({ length: SAMPLES }, (__, index) => Math.sin(index / (50 + channel))),
  );
  return {
    t0: 0,
    dt: 1e-6,
    unit: "V",
    channels: kind === "typed" ? channels : channels.map((channel) => Array.from(channel)),
  };
};
