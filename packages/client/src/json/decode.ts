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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACKET = 0x5d;
const CLOSING_BRACE = 0x7d;

/** How deep arrays and objects may nest in what arrives, by default. */
export const DEFAULT_NESTING_DEPTH = 1_000;

/** Whether arrays and objects nest deeper than `maxDepth` in a JSON text, or in what sets out to be one. */
export const nestsDeeperThan = (text: string, maxDepth: number): boolean => {
  // Every level takes two characters, so nearly every message is too short for it.
  if (text.length < 2 * maxDepth) return false;
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (isInString) {
      if (unit === BACKSLASH) index += 1;
      else if (unit === QUOTE) isInString = false;
    } else if (unit === QUOTE) {
      isInString = true;
    } else if (unit === OPENING_BRACKET || unit === OPENING_BRACE) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (unit === CLOSING_BRACKET || unit === CLOSING_BRACE) {
      depth -= 1;
    }
  }
  return false;
};

// An engine's message may quote the text it was given: enough to find the place, no more.
const REASON_LENGTH = 100;

/** What is wrong with a text that nests too deep. */
export const nestingFault = (maxDepth: number): string =>
  `arrays and objects nest more than ${String(maxDepth)} levels deep`;

/**
 * The value that a JSON text stands for (RFC 8259). Keys named `__proto__` are kept as data.
 *
 * @param maxDepth - how deep arrays and objects may nest; whatever walks the value afterwards recurses.
 * @throws {PayloadValidationError} the text is not JSON, or nests deeper.
 */
export const parseJson = (text: string, maxDepth: number = DEFAULT_NESTING_DEPTH): unknown => {
  if (nestsDeeperThan(text, maxDepth)) {
    throw refuse(nestingFault(maxDepth));
  }
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

const MAYBE = /(?:^|[^\d.])\d{16}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const INTEGER = /^-?\d+$/;

/** The index after the string that opens at `start`. */
const skipString = (text: string, start: number): number => {
  let index = start + 1;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) return index + 1;
    index += unit === BACKSLASH ? 2 : 1;
  }
  return index;
};

const isInexact = (literal: string): boolean => {
  if (literal.length < 16 || !INTEGER.test(literal)) return false;
  const value = Number(literal);
  if (Number.isSafeInteger(value)) return false;
  return !Number.isFinite(value) || BigInt(value) !== BigInt(literal);
};

/**
 * The first integer in a JSON text that a JavaScript number cannot hold exactly, as it is written
 * there; `undefined` where all survive. Beyond 2^53 - 1 a number may silently become its neighbour.
 */
export const findInexactInteger = (text: string): string | undefined => {
  if (!MAYBE.test(text)) return undefined;
  let index = 0;
  while (index < text.length) {
    if (text.charCodeAt(index) === QUOTE) {
      index = skipString(text, index);
      continue;
    }
    NUMBER.lastIndex = index;
    const literal = NUMBER.exec(text)?.[0];
    if (literal !== undefined && isInexact(literal)) return literal;
    index += literal?.length ?? 1;
  }
  return undefined;
};
