import { OptionError, UnknownOptionError } from "../protocol/errors.ts";
import type { QoS } from "../transport/transport.ts";

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

export const textValue = (option: string, value: unknown): string => {
  if (typeof value === "string" && value !== "") return value;
  throw new OptionError(option, value, "a text that is not empty");
};

export const qosValue = (option: string, value: unknown): QoS => {
  if (value === 0 || value === 1 || value === 2) return value;
  throw new OptionError(option, value, "0, 1 or 2");
};

export const signalValue = (value: unknown): AbortSignal | undefined => {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw new OptionError("signal", value, "an AbortSignal");
};

/** Refuses an option that does not exist: a misspelt one would otherwise be ignored in silence. */
export const refuseUnknownOptions = (
  given: unknown,
  known: ReadonlySet<string>,
  subject: string,
): void => {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new OptionError(subject, given, "an object");
  }
  for (const option of Object.keys(given)) {
    if (!known.has(option)) throw new UnknownOptionError(option, suggestion(option, known));
  }
};

/** Names of the Python library's options that differ by more than spelling. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["value", "body"],
  ["timeout", "timeoutMs"],
  ["hostname", "broker"],
  ["clientId", "identifier"],
]);

const fold = (name: string): string => name.replaceAll("_", "").toLowerCase();

const suggestion = (option: string, known: ReadonlySet<string>): string => {
  const renamed = RENAMED.get(option);
  const near =
    renamed !== undefined && known.has(renamed)
      ? renamed
      : [...known].find((name) => fold(name) === fold(option));
  return near === undefined ? `one of ${[...known].join(", ")}` : `"${near}"`;
};
