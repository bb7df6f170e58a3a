import { DURATION_MS, orDefault, refuseUnknownOptions, wholeNumber } from "../../options/checks.ts";

/** How many answers are kept, and how long, for requests that come again. */
export interface RepeatsOptions {
  /**
   * Most answers kept at a time.
   * @default 1000
   */
  readonly maxAnswers?: number | undefined;
  /**
   * Characters of all that is kept, topics and ids included; an answer of more than half of that is not.
   * @default 8388608 (8 Mi)
   */
  readonly maxBytes?: number | undefined;
  /**
   * How long an answer is kept, in ms.
   * @default 60000
   */
  readonly keepMs?: number | undefined;
}

/** The same once checked; `undefined`: nothing is kept. */
export type RepeatsLimits = { readonly [Name in keyof RepeatsOptions]-?: number } | undefined;

/** @throws {OptionError} the option holds what it cannot hold. */
export const readRepeats = (repeats: RepeatsOptions | false | undefined): RepeatsLimits => {
  if (repeats === false) return undefined;
  const given = orDefault(repeats, {});
  refuseUnknownOptions(given, new Set(["maxAnswers", "maxBytes", "keepMs"]), "repeats");
  const { maxAnswers, maxBytes, keepMs } = given;
  return {
    maxAnswers: wholeNumber("repeats.maxAnswers", orDefault(maxAnswers, 1_000), {
      min: 1,
      max: 1_000_000,
    }),
    maxBytes: wholeNumber("repeats.maxBytes", orDefault(maxBytes, 8 * 1024 * 1024), {
      min: 1,
      max: Infinity,
      unit: "bytes",
    }),
    keepMs: wholeNumber("repeats.keepMs", orDefault(keepMs, 60_000), DURATION_MS),
  };
};
