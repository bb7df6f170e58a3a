import { PayloadValidationError } from "../errors/input-errors.ts";
import { kindText, lineText } from "../errors/value-text.ts";

const SUBJECT = "payload";

// MQTT leaves the payload's bytes to the application; this protocol's are UTF-8, without exception.
const decoder = new TextDecoder("utf-8", { fatal: true });

const refuse = (message: string, cause?: unknown): PayloadValidationError =>
  new PayloadValidationError(SUBJECT, [{ path: "", message }], { cause });

/**
 * The text that `bytes` hold. A byte order mark at the start is dropped (RFC 8259 §8.1).
 *
 * @throws {PayloadValidationError} the bytes are not UTF-8.
 */
export const decodeUtf8 = (bytes: Uint8Array): string => {
  if (!ArrayBuffer.isView(bytes)) throw refuse(`expected bytes or text, got ${kindText(bytes)}`);
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw refuse("not UTF-8", error);
  }
};

// An engine's message may quote the text it was given: enough to find the place, no more.
const REASON_LENGTH = 100;

/**
 * The value that a JSON text stands for (RFC 8259). Keys named `__proto__` are kept as data.
 *
 * @throws {PayloadValidationError} the text is not JSON.
 */
export const parseJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    const reason = error instanceof Error ? lineText(error.message, REASON_LENGTH) : "unreadable";
    throw refuse(`not JSON: ${reason}`, error);
  }
};

/**
 * The value that JSON stands for, given as text or as its UTF-8 bytes.
 *
 * @throws {PayloadValidationError} not UTF-8, or not JSON; never anything else, whatever the bytes.
 */
export const decodeJson = (json: Uint8Array | string): unknown =>
  parseJson(typeof json === "string" ? json : decodeUtf8(json));
