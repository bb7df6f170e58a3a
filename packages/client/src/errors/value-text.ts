/**
 * `text` on one line, cut at `maxLength` characters: what peers send ends up in messages, and no
 * line break or escape sequence of theirs may reach a log or a terminal.
 */
export const lineText = (text: string, maxLength: number): string => {
  const isLong = text.length > maxLength;
  const kept = isLong ? text.slice(0, maxLength - 1) : text;
  const line = kept.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]+/gu, " ");
  return isLong ? `${line}…` : line;
};

/**
 * `value` as a short line for an error message: JSON where it has a JSON form, strings quoted,
 * cut at `maxLength` characters. Never throws, whatever the value.
 */
export const valueText = (value: unknown, maxLength = 80): string =>
  lineText(render(value, maxLength), maxLength);

/** The kind of `value` with its article, as in "expected a string, got an array". Never throws. */
export const kindText = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  try {
    if (Array.isArray(value)) return "an array";
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    return tag === "Object" ? "an object" : `${/^[AEIO]/.test(tag) ? "an" : "a"} ${tag}`;
  } catch {
    return "an object";
  }
};

const render = (value: unknown, maxLength: number): string => {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.slice(0, maxLength));
    case "bigint":
      return `${value}n`;
    case "symbol":
      return value.toString();
    case "object":
      return renderObject(value);
    case "function":
      return "a function";
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
};

const renderObject = (value: object | null): string => {
  try {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined && (text !== "{}" || kindText(value) === "an object")) return text;
  } catch {
    // Cycles, bigints, revoked proxies and throwing getters have no JSON form.
  }
  return kindText(value);
};
