/** Whether `value` is an object in JSON's sense: no array, not null. */
export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Whether `text` can be written as UTF-8: it holds no surrogate without its other half. Encoders
 * would put U+FFFD in its place, and strict peers refuse the escaped form.
 */
export const isWellFormed = (text: string): boolean =>
  // The first, cheap test settles nearly every text.
  !SURROGATE.test(text) || !LONE_SURROGATE.test(text);

/** The longest array that is searched for fields beside its items: listing the keys of a waveform would cost more than writing it. */
const LONGEST_SEARCHED = 1_000;

/** Whether an array has fields beside its items, as the result of a regular expression does: JSON drops them. */
export const hasNamedFields = (items: readonly unknown[]): boolean =>
  items.length <= LONGEST_SEARCHED && Object.keys(items).length > items.length;

// Past this depth the copy takes over, which can tell deep data from a cycle.
const PLAIN_NESTING = 32;

const isPlainArray = (items: readonly unknown[], depth: number): boolean => {
  if ("toJSON" in items) return false;
  for (let index = 0; index < items.length; index += 1) {
    if (!isPlain(items[index], depth)) return false;
  }
  return !hasNamedFields(items);
};

const isPlainObject = (fields: Readonly<Record<string, unknown>>, depth: number): boolean => {
  const prototype: unknown = Object.getPrototypeOf(fields);
  if ((prototype !== Object.prototype && prototype !== null) || "toJSON" in fields) return false;
  for (const key in fields) {
    const field = fields[key];
    if (field !== undefined && !(isWellFormed(key) && isPlain(field, depth))) return false;
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
      return isWellFormed(value);
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return true;
    case "object":
      if (value === null) return true;
      if (depth === PLAIN_NESTING) return false;
      return isJsonObject(value)
        ? isPlainObject(value, depth + 1)
        : Array.isArray(value) && isPlainArray(value, depth + 1);
    default:
      return false;
  }
};

/** The same, never throwing. */
export const isCertainlyPlain = (value: unknown): boolean => {
  try {
    return isPlain(value, 0);
  } catch {
    // A getter or a proxy threw; the copy finds out where.
    return false;
  }
};
