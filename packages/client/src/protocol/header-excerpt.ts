/** How much of either end of a message is looked at: a header stands before or behind the body. */
const EXCERPT_BYTES = 4_096;

const lenient = new TextDecoder("utf-8");

/** The value of a text field in a piece of JSON, the last one if there are several. */
const fieldIn = (text: string, field: string): string | undefined => {
  const pattern = new RegExp(`"${field}"\\s*:\\s*"([^"\\\\]{1,128})"`, "g");
  return [...text.matchAll(pattern)].at(-1)?.[1];
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
    const requestId = fieldIn(text, "request_id");
    if (requestId !== undefined) {
      const [path, correlation_id] = [fieldIn(text, "path"), fieldIn(text, "correlation_id")];
      return { request_id: requestId, path, correlation_id };
    }
  }
  return undefined;
};
