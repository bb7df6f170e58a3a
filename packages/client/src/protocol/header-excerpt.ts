/** How much of either end of a message is looked at: a header stands before or behind the body. */
const EXCERPT_BYTES = 4_096;

const lenient = new TextDecoder("utf-8");

/** The value of a text field in a piece of JSON, the last one if there are several. */
const fieldIn = (text: string, field: string): string | undefined => {
  const pattern = new RegExp(`"${field}"\\s*:\\s*"([^"\\\\]{1,128})"`, "g");
  return [...text.matchAll(pattern)].at(-1)?.[1];
};

/** The same in a piece of CBOR, where texts follow their length: in the first byte, or in the one after an x. */
const cborFieldIn = (text: string, field: string): string | undefined => {
  const head = String.fromCharCode(0x60 + field.length);
  const match = new RegExp(`${head}${field}(?:x([ -\\x7f])|([a-w]))`).exec(text);
  if (match === null) return undefined;
  const [all, long, short = ""] = match;
  const length = long === undefined ? short.charCodeAt(0) - 0x60 : long.charCodeAt(0);
  const start = match.index + all.length;
  const value = text.slice(start, start + length);
  return value.length === length ? value : undefined;
};

/**
 * What a message says of itself, without reading all of it: for one that is too large to be read, and is to
 * be answered nevertheless. `undefined` where no request id is found in either end.
 */
export const excerptHeader = (
  payload: Uint8Array,
): (Readonly<Record<string, unknown>> & { readonly request_id: string }) | undefined => {
  const ends = [payload.subarray(-EXCERPT_BYTES), payload.subarray(0, EXCERPT_BYTES)];
  for (const end of ends) {
    const text = lenient.decode(end);
    for (const find of [fieldIn, cborFieldIn]) {
      const requestId = find(text, "request_id");
      if (requestId === undefined) continue;
      const [path, correlation_id] = [find(text, "path"), find(text, "correlation_id")];
      return { request_id: requestId, path, correlation_id };
    }
  }
  return undefined;
};
