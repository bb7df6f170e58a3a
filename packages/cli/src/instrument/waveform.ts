/** What a channel records. */
export interface WaveformOptions {
  readonly samples: number;
  /** Samples per second. */
  readonly sampleRate: number;
  /** Of the sine, in Hz. */
  readonly frequency: number;
  /** Of the sine, in units of a sample; what exceeds 16 bits is clipped, as by an amplifier. */
  readonly amplitude: number;
  /** Most noise on top of it, in units of a sample. */
  readonly noise: number;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

const LOWEST = -32_768;
const HIGHEST = 32_767;

/** A sine with noise. */
export const createWaveform = (options: WaveformOptions): Int16Array => {
  const { samples, sampleRate, frequency, amplitude, noise, random } = options;
  const turn = (2 * Math.PI * frequency) / sampleRate;
  return Int16Array.from({ length: samples }, (_, at) => {
    const value = amplitude * Math.sin(turn * at) + noise * (2 * random() - 1);
    return Math.max(LOWEST, Math.min(HIGHEST, Math.round(value)));
  });
};

const HEX = Array.from({ length: 0x1_0000 }, (_, bits) => bits.toString(16).padStart(4, "0"));

/** Four hexadecimal digits a sample, the most significant first, negative ones in two's complement. */
export const toHex = (samples: Int16Array): string => {
  const digits: string[] = [];
  for (const sample of samples) digits.push(HEX[sample & 0xffff] ?? "");
  return digits.join("");
};

/** What {@link toHex} has written; what is no such text gives no samples. */
export const fromHex = (text: string): Int16Array => {
  const samples = text.match(/[\da-f]{4}/gi) ?? [];
  return Int16Array.from(samples, (digits) => Number.parseInt(digits, 16));
};
