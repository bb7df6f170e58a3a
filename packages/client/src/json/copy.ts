import { PayloadValidationError } from "../errors/input-errors.ts";
import type { PayloadIssue } from "../errors/input-errors.ts";
import { placeText } from "./place.ts";
import { kindText, lineText, valueText } from "../errors/value-text.ts";

/** How deep arrays and objects may nest: the reference library's encoder gives up at 254. */
const MAX_NESTING = 250;
// Enough to mend a payload by; a large broken array would otherwise fill the memory.
const MAX_ISSUES = 100;
const REASON_LENGTH = 100;

/** What to send instead of objects whose content JSON does not see. */
const INSTEAD: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Map: "send Object.fromEntries(map)",
    Set: "send Array.from(set)",
    Date: "send its toISOString() or getTime()",
    RegExp: "send its source",
    Error: "send its message",
    Promise: "await it first",
    ArrayBuffer: "send Array.from(new Uint8Array(it))",
    SharedArrayBuffer: "send Array.from(new Uint8Array(it))",
    DataView: "send Array.from(bytes)",
    Boolean: "send its valueOf()",
    Number: "send its valueOf()",
    String: "send its valueOf()",
    BigInt: "send its valueOf()",
    Symbol: "send its description",
    WeakMap: "send the data itself",
    WeakSet: "send the data itself",
    WeakRef: "send what it refers to",
  }),
);

/** What the copy is to be written in. */
export interface CopyFormat {
  /** As it is named in what is wrong. */
  readonly name: string;
  /** Whether it carries a value over as it is, beside what JSON does. */
  readonly carries: (value: unknown) => boolean;
  /** What holds its integers: "a number". */
  readonly integers: string;
  /** A name that no field may have. */
  readonly forbiddenName?: string;
}

const JSON_FORMAT: CopyFormat = { name: "JSON", carries: () => false, integers: "a number" };

/** Where the copy is, and what it has found. */
interface Walk {
  readonly format: CopyFormat;
  readonly keys: (string | number)[];
  readonly ancestors: object[];
  readonly issues: PayloadIssue[];
  cause?: unknown;
}

const report = (walk: Walk, message: string): undefined => {
  if (walk.issues.length < MAX_ISSUES) walk.issues.push({ path: placeText(walk.keys), message });
  return undefined;
};

const isFull = (walk: Walk): boolean => walk.issues.length >= MAX_ISSUES;

const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

/** Why JSON would lose what `value` holds; `undefined` for arrays and holders of plain fields. */
const lossOf = (value: object, name: string): string | undefined => {
  if (Array.isArray(value)) return undefined;
  if (ArrayBuffer.isView(value))
    return `${name} cannot carry ${kindText(value)}; send Array.from(it)`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  if (value instanceof Date && Number.isNaN(value.getTime())) return `${name} has no invalid Date`;
  const tag = tagOf(value);
  const instead = INSTEAD.get(tag);
  if (instead !== undefined) return `${name} cannot carry ${kindText(value)}; ${instead}`;
  // A class that names itself and shows no fields keeps its data where JSON does not look.
  return tag !== "Object" && Object.keys(value).length === 0
    ? `${name} cannot carry ${kindText(value)}; send plain data`
    : undefined;
};

/** What stands for `value` in JSON: the result of its `toJSON`, if it has one (ECMA-262 §25.5.2.2). */
const jsonFormOf = (value: unknown, key: string): unknown => {
  // A Buffer has a toJSON, and nobody means what it gives.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (!("toJSON" in value) || typeof value.toJSON !== "function") return value;
  if (value instanceof Date && Number.isNaN(value.getTime())) return value;
  const form: unknown = Reflect.apply(value.toJSON, value, [key]);
  return form;
};

const copyValue = (value: unknown, walk: Walk): unknown => {
  const { format } = walk;
  if (format.carries(value)) return value;
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? value : report(walk, "holds half a surrogate pair");
    case "number":
      return Number.isFinite(value) ? value : report(walk, `${format.name} has no ${value}`);
    case "boolean":
      return value;
    case "bigint":
      return Number.isSafeInteger(Number(value))
        ? Number(value)
        : report(
            walk,
            `${valueText(value)} is beyond what ${format.integers} holds exactly; send a string`,
          );
    case "object":
      return value === null ? null : copyObject(value, walk);
    default:
      return report(walk, `${format.name} cannot carry ${kindText(value)}`);
  }
};

const copyObject = (value: object, walk: Walk): unknown => {
  const above = walk.ancestors.indexOf(value);
  if (above !== -1) {
    const place = placeText(walk.keys.slice(0, above));
    return report(walk, `a cycle: it is the object at ${place === "" ? "the top" : place}`);
  }
  if (walk.ancestors.length === MAX_NESTING) {
    return report(walk, `nested more than ${MAX_NESTING} levels deep`);
  }
  const loss = lossOf(value, walk.format.name);
  if (loss !== undefined) return report(walk, loss);
  walk.ancestors.push(value);
  const copy = Array.isArray(value) ? copyItems(value, walk) : copyFields(value, walk);
  walk.ancestors.pop();
  return copy;
};

/** The longest array that is searched for fields beside its items: listing the keys of a waveform would cost more than writing it. */
const LONGEST_SEARCHED = 1_000;

/** Whether an array has fields beside its items, as the result of a regular expression does: JSON drops them. */
export const hasNamedFields = (items: readonly unknown[]): boolean =>
  items.length <= LONGEST_SEARCHED && Object.keys(items).length > items.length;

const reportNamedFields = (items: readonly unknown[], walk: Walk): void => {
  for (const key of Object.keys(items).slice(items.length)) {
    walk.keys.push(key);
    report(walk, `${walk.format.name} cannot carry a field of an array; send an object`);
    walk.keys.pop();
  }
};

const copyItems = (items: readonly unknown[], walk: Walk): unknown[] => {
  if (hasNamedFields(items)) reportNamedFields(items, walk);
  const copy: unknown[] = [];
  for (let index = 0; index < items.length && !isFull(walk); index += 1) {
    copy.push(index in items ? copyMember(items, index, walk) : reportHole(index, walk));
  }
  return copy;
};

const reportHole = (index: number, walk: Walk): undefined => {
  walk.keys.push(index);
  report(walk, `${walk.format.name} cannot carry a hole; send null`);
  walk.keys.pop();
};

const copyFields = (fields: object, walk: Walk): object => {
  // Without a prototype, `__proto__` is a key like any other.
  const copy: Record<string, unknown> = { __proto__: null };
  for (const key of Object.keys(fields)) {
    if (isFull(walk)) break;
    copy[key] = copyMember(fields, key, walk);
  }
  return copy;
};

/** The copy of one field or item; `undefined` where JSON leaves a field out, or after a report. */
const copyMember = (holder: object, key: string | number, walk: Walk): unknown => {
  const depth = walk.ancestors.length;
  walk.keys.push(key);
  try {
    const value: unknown = Reflect.get(holder, key);
    const form = jsonFormOf(value, String(key));
    if (form === undefined && typeof key === "string") return undefined;
    if (typeof key === "string" && !key.isWellFormed()) {
      return report(walk, "its name holds half a surrogate pair");
    }
    if (key === walk.format.forbiddenName) {
      return report(walk, `${walk.format.name} cannot carry a field of this name`);
    }
    return copyValue(form, walk);
  } catch (error) {
    walk.ancestors.length = depth;
    walk.keys.length = depth;
    return reportFailure(walk, error);
  } finally {
    walk.keys.pop();
  }
};

const reportFailure = (walk: Walk, error: unknown): undefined => {
  walk.cause ??= error;
  const reason = error instanceof Error ? lineText(error.message, REASON_LENGTH) : kindText(error);
  return report(walk, `cannot be read: ${reason}`);
};

/**
 * A copy of `value` that a format carries over as it is, made in one reading: `toJSON` called, bigints turned into
 * numbers where the format has none, fields that are `undefined` left out.
 *
 * @throws {PayloadValidationError} the format would spoil something; its issues name each place.
 */
export const copyFor = (format: CopyFormat, value: unknown, subject: string): unknown => {
  const walk: Walk = { format, keys: [], ancestors: [], issues: [] };
  let copy: unknown;
  try {
    copy = copyValue(jsonFormOf(value, ""), walk);
  } catch (error) {
    walk.keys.length = 0;
    reportFailure(walk, error);
  }
  if (walk.issues.length > 0) {
    throw new PayloadValidationError(subject, walk.issues, { cause: walk.cause });
  }
  return copy;
};

/** The same for `JSON.stringify`. */
export const copyForJson = (value: unknown, subject: string): unknown =>
  copyFor(JSON_FORMAT, value, subject);
