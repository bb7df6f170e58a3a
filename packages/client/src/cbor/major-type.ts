/** The kinds of CBOR items: the upper three bits of the first byte (RFC 8949 §3.1). */
export const MajorType = {
  UNSIGNED: 0,
  NEGATIVE: 1,
  BYTES: 2,
  TEXT: 3,
  ARRAY: 4,
  MAP: 5,
  TAG: 6,
  SIMPLE: 7,
} as const;

export type MajorType = (typeof MajorType)[keyof typeof MajorType];

/** What the lower five bits say of the argument: it is itself there, or in the 1, 2, 4 or 8 bytes after (RFC 8949 §3). */
export const Argument = {
  ONE_BYTE: 24,
  TWO_BYTES: 25,
  FOUR_BYTES: 26,
  EIGHT_BYTES: 27,
  INDEFINITE: 31,
} as const;

/** Values of major type 7 (RFC 8949 §3.3). */
export const Simple = { FALSE: 20, TRUE: 21, NULL: 22, UNDEFINED: 23, BREAK: 31 } as const;

/** A field that some programs take for the prototype: neither written nor read. */
export const FORBIDDEN_NAME = "__proto__";
