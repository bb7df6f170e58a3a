const MAYBE = /(?:^|[^\d.])\d{16}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const INTEGER = /^-?\d+$/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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
