import { OptionError } from "../errors/input-errors.ts";
import type { ResponseCode } from "../errors/response-code.ts";
import { isResponseCode } from "../errors/response-code.ts";

/** The longest timer that JavaScript runtimes keep, in ms (about 24.8 days). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** A range of whole numbers, both ends included. */
export interface WholeRange {
  readonly min: number;
  readonly max: number;
  /** What is counted: `ms`, `bytes`. */
  readonly unit?: string;
}

/** The range of every option that is a duration. */
export const DURATION_MS: WholeRange = { min: 1, max: LONGEST_TIMER_MS, unit: "ms" };

/** Returns `value` if it is a whole number within the range. `Infinity` is one only where it is the maximum. */
export const wholeNumber = (option: string, value: unknown, range: WholeRange): number => {
  const { min, max, unit } = range;
  const isWhole = typeof value === "number" && (Number.isInteger(value) || value === Infinity);
  if (isWhole && value >= min && value <= max) return value;
  const what = unit === undefined ? "a whole number" : `a whole number of ${unit}`;
  const top = max === Infinity ? `${String(min)} or more` : `from ${String(min)} to ${String(max)}`;
  throw new OptionError(option, value, `${what} ${top}`);
};

export const booleanValue = (option: string, value: unknown): boolean => {
  if (typeof value === "boolean") return value;
  throw new OptionError(option, value, "true or false");
};

export const functionValue = <Given extends (...args: never) => unknown>(
  option: string,
  value: Given,
): Given => {
  if (typeof value === "function") return value;
  throw new OptionError(option, value, "a function");
};

export const codeValue = (option: string, value: unknown): ResponseCode => {
  if (isResponseCode(value)) return value;
  throw new OptionError(option, value, "one of the 21 response codes");
};

export const signalValue = (value: unknown): AbortSignal | undefined => {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw new OptionError("signal", value, "an AbortSignal");
};
