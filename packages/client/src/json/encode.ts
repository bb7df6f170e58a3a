import { PayloadValidationError } from "../errors/input-errors.ts";
import { copyForJson, hasNamedFields } from "./copy.ts";

// Past this depth the copy takes over, which can tell deep data from a cycle.
const PLAIN_NESTING = 32;

const isPlainArray = (items: readonly unknown[], depth: number): boolean => {
  if ("toJSON" in items) return false;
  for (let index = 0; index < items.length; index += 1) {
    if (!isPlain(items[index], depth)) return false;
  }
  return !hasNamedFields(items);
};

const hasFields = (value: object): value is Readonly<Record<string, unknown>> =>
  !Array.isArray(value);

const isPlainObject = (fields: Readonly<Record<string, unknown>>, depth: number): boolean => {
  const prototype: unknown = Object.getPrototypeOf(fields);
  if ((prototype !== Object.prototype && prototype !== null) || "toJSON" in fields) return false;
  for (const key in fields) {
    // A getter is read once, by the copy; a proxy may show another value than it holds.
    const held = Object.getOwnPropertyDescriptor(fields, key);
    if (held === undefined || held.get !== undefined || held.value !== fields[key]) return false;
    const field: unknown = held.value;
    if (field !== undefined && !(key.isWellFormed() && isPlain(field, depth))) return false;
  }
  return true;
};

/**
 * Whether `JSON.stringify` carries `value` over as it is. False also where only the copy can tell:
 * this walk allocates nothing and stops at the first doubt, since nearly every payload is plain.
 */
const isPlain = (value: unknown, depth: number): boolean => {
  switch (typeof value) {
    case "string":
      return value.isWellFormed();
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return true;
    case "object":
      if (value === null) return true;
      if (depth === PLAIN_NESTING) return false;
      return hasFields(value)
        ? isPlainObject(value, depth + 1)
        : Array.isArray(value) && isPlainArray(value, depth + 1);
    default:
      return false;
  }
};

/** The same, never throwing. */
const isCertainlyPlain = (value: unknown): boolean => {
  try {
    return isPlain(value, 0);
  } catch {
    // A getter or a proxy threw; the copy finds out where.
    return false;
  }
};

/**
 * Checks that JSON can carry `value` over: what {@link encodeJson} would throw for, this does.
 *
 * @param subject - what is checked, for the error: `"request payload"`.
 * @throws {PayloadValidationError} JSON would spoil something; its issues name each place.
 */
export const assertJson = (value: unknown, subject: string): void => {
  if (!isCertainlyPlain(value)) copyForJson(value, subject);
};

/**
 * The JSON text of `value`, by the rules of `JSON.stringify`: fields that are `undefined` or named by
 * a symbol are left out, `toJSON` is called, -0 becomes 0. Where those rules would lose data without a word (`NaN`
 * becoming `null`, a `Map` becoming `{}`) it throws instead. Integers given as bigint are sent as
 * numbers while a number holds them exactly.
 *
 * @param subject - what is encoded, for the error: `"request payload"`.
 * @throws {PayloadValidationError} JSON would spoil something; its issues name each place.
 */
export const encodeJson = (value: unknown, subject: string): string => {
  const plain = isCertainlyPlain(value) ? value : copyForJson(value, subject);
  try {
    return JSON.stringify(plain);
  } catch (error) {
    // What is left to go wrong is a text beyond the engine's longest, or a proxy that changed its mind.
    throw new PayloadValidationError(
      subject,
      [{ path: "", message: "cannot be written as JSON" }],
      {
        cause: error,
      },
    );
  }
};
