/** The most bytes that a variable byte integer takes. */
const MOST_BYTES = 4;

/** A variable byte integer, and the index after it. */
export interface VarInt {
  readonly value: number;
  readonly end: number;
}

/** Reads a variable byte integer (MQTT 5 §1.5.5): undefined where it is cut off, `null` where it is none. */
export const readVarInt = (bytes: Uint8Array, at: number): VarInt | null | undefined => {
  let value = 0;
  for (let index = 0; index < MOST_BYTES; index += 1) {
    const digit = bytes[at + index];
    if (digit === undefined) return undefined;
    value |= (digit & 0x7f) << (index * 7);
    if (digit < 0x80) return { value, end: at + index + 1 };
  }
  return null;
};

/** Bytes that a variable byte integer takes when written. */
export const varIntBytes = (value: number): number => {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x20_0000 ? 3 : 4;
};
