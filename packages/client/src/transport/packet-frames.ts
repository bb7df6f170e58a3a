/** "Malformed Packet" (MQTT 5 §4.13.1). */
const MALFORMED_PACKET = 0x81;
/** "Protocol Error" (MQTT 5 §4.13.1). */
export const PROTOCOL_ERROR = 0x82;

/** The peer did what MQTT forbids; the connection has to be closed (MQTT 5 §4.13). */
export class ProtocolFault extends Error {
  static {
    this.prototype.name = "ProtocolFault";
  }
  /** The reason to give in DISCONNECT. */
  readonly reasonCode: number;

  constructor(what: string, reasonCode: number = MALFORMED_PACKET) {
    super(`the peer does not keep to MQTT: ${what}`);
    this.reasonCode = reasonCode;
  }
}

/** One packet, whole. */
export interface Frame {
  readonly packet: Uint8Array;
  /** Where the variable header begins: behind type and length. */
  readonly bodyAt: number;
}

/** A variable byte integer, and the index after it. */
interface VarInt {
  readonly value: number;
  readonly end: number;
}

/** The type of a packet, by its first byte. */
export const typeOf = (firstByte: number): number => firstByte >> 4;

const MOST_VAR_INT_BYTES = 4;

/** Reads a variable byte integer (MQTT 5 §1.5.5); undefined where it is cut off. */
export const readVarInt = (bytes: Uint8Array, at: number): VarInt | undefined => {
  let value = 0;
  for (let index = 0; index < MOST_VAR_INT_BYTES; index += 1) {
    const digit = bytes[at + index];
    if (digit === undefined) return undefined;
    value |= (digit & 0x7f) << (index * 7);
    if (digit < 0x80) return { value, end: at + index + 1 };
  }
  throw new ProtocolFault("a length of more than four bytes");
};

const joined = (pieces: readonly Uint8Array[], bytes: number): Uint8Array => {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};

/**
 * Cuts what a connection brings into whole packets: a byte of type, a length, and as many bytes as it says
 * (MQTT 5 §2.1). A packet is a view of the bytes that brought it; one that came in pieces is copied once.
 */
export class PacketFrames {
  readonly #checkType: (firstByte: number) => void;
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;
  /** How many bytes have to be there before it is worth another look. */
  #wantedBytes = 0;

  /** @param checkType - throws where no packet may begin like this; asked before the rest of it is there. */
  constructor(checkType: (firstByte: number) => void = () => {}) {
    this.#checkType = checkType;
  }

  add(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#heldBytes += bytes.length;
  }

  /** The next packet; undefined where it is not all there yet. */
  next(): Frame | undefined {
    if (this.#heldBytes === 0 || this.#heldBytes < this.#wantedBytes) return undefined;
    const held = joined(this.#pieces, this.#heldBytes);
    const [first = 0] = held;
    this.#checkType(first);
    const length = readVarInt(held, 1);
    const end = length && length.end + length.value;
    if (length === undefined || end === undefined || end > held.length) {
      this.#pieces = [held];
      this.#wantedBytes = end ?? held.length + 1;
      return undefined;
    }
    this.#heldBytes = held.length - end;
    this.#pieces = this.#heldBytes === 0 ? [] : [held.subarray(end)];
    this.#wantedBytes = 0;
    return { packet: held.subarray(0, end), bodyAt: length.end };
  }
}
