import { LONGEST_TIMER_MS } from "../runtime/platform.ts";
import { OptionError, UnknownOptionError } from "../errors/input-errors.ts";
import { kindText } from "../errors/value-text.ts";
import type { ResponseCode } from "../errors/response-code.ts";
import { isResponseCode } from "../errors/response-code.ts";

/** Names that people bring along from the Python library and from MQTT.js, with the ones used here. */
const RENAMED: readonly (readonly [from: string, to: string])[] = [
  ["value", "body"],
  ["timeout", "timeoutMs"],
  ["hostname", "broker"],
  ["host", "broker"],
  ["host", "hostname"],
  ["url", "broker"],
  ["clientId", "identifier"],
];

/** Stands in errors for what may be a secret. */
export const NOT_SHOWN = "(not shown)";

const fold = (name: string): string => name.replaceAll("_", "").toLowerCase();

const suggestion = (option: string, known: ReadonlySet<string>): string => {
  const renamed = RENAMED.find(([from, to]) => from === option && known.has(to));
  if (renamed !== undefined) return JSON.stringify(renamed[1]);
  const near = [...known].find((name) => fold(name) === fold(option));
  return near === undefined ? `one of ${[...known].join(", ")}` : JSON.stringify(near);
};

/**
 * Refuses an option that does not exist: a misspelt one would otherwise be ignored in silence.
 *
 * @param whose - what takes the options, for the error: `"MQTTClient"`.
 * @throws {OptionError} there are no options but something else, or one of them does not exist.
 */
export const refuseUnknownOptions = (
  given: unknown,
  known: ReadonlySet<string>,
  whose: string,
): void => {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    // What was given may be a URL with a password: only its kind is told.
    throw new OptionError(`(options of ${whose})`, `(${kindText(given)})`, "an object");
  }
  for (const option in given) {
    if (!known.has(option)) throw new UnknownOptionError(option, suggestion(option, known));
  }
};

/** A value that was given, `null` included, or what counts where none was. */
export const orDefault = <Value>(value: Value | undefined, whenAbsent: Value): Value =>
  value === undefined ? whenAbsent : value;

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
