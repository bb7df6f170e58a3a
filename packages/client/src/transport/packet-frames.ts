import { readVarInt } from "./var-int.ts";

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
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;
  /** How many bytes have to be there before it is worth another look. */
  #wantedBytes = 0;

  add(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#heldBytes += bytes.length;
  }

  /** Whether there may be another packet; only {@link PacketFrames.next} knows for certain. */
  get isWorthALook(): boolean {
    return this.#heldBytes > 0 && this.#heldBytes >= this.#wantedBytes;
  }

  /**
   * The next packet; undefined where it is not all there yet. Where its length is none, all that is there comes
   * in its place, for whoever knows all of MQTT to complain of.
   */
  next(): Uint8Array | undefined {
    if (!this.isWorthALook) return undefined;
    const held = joined(this.#pieces, this.#heldBytes);
    const length = readVarInt(held, 1);
    const end = length === null ? held.length : length && length.end + length.value;
    if (end === undefined || end > held.length) {
      this.#pieces = [held];
      this.#wantedBytes = end ?? held.length + 1;
      return undefined;
    }
    this.#heldBytes = held.length - end;
    this.#pieces = this.#heldBytes === 0 ? [] : [held.subarray(end)];
    this.#wantedBytes = 0;
    return held.subarray(0, end);
  }
}
