import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { createWaveform, fromHex, toHex } from "../src/instrument/waveform.ts";

const options = {
  samples: 1_000,
  sampleRate: 1_000,
  frequency: 10,
  amplitude: 1_000,
  noise: 0,
  random: () => 0.5,
};

test("a waveform is a sine of its frequency and amplitude", () => {
  const samples = createWaveform(options);
  expect([samples[0], samples[25], samples[50], samples[75]]).toEqual([0, 1_000, 0, -1_000]);
  expect(samples[125]).toBe(samples[25]);
});

test("noise is added, and what exceeds 16 bits is clipped", () => {
  const noisy = createWaveform({ ...options, noise: 100, random: () => 0 });
  expect(noisy[0]).toBe(-100);
  const loud = createWaveform({ ...options, amplitude: 100_000 });
  expect([Math.max(...loud), Math.min(...loud)]).toEqual([32_767, -32_768]);
});

test("four hexadecimal digits stand for a sample, the most significant first", () => {
  expect(toHex(Int16Array.of(0, 1, -1, 32_767, -32_768))).toBe("00000001ffff7fff8000");
});

property.prop([fc.int16Array({ maxLength: 500 })])(
  "what was written as hexadecimal digits is read again",
  (samples) => {
    expect(fromHex(toHex(samples))).toEqual(samples);
  },
);
