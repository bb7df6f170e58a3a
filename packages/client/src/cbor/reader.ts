import { PayloadValidationError } from "../errors/input-errors.ts";
import { Argument, FORBIDDEN_NAME, MajorType, Simple } from "./major-type.ts";
import { isArrayTag, readTypedArray } from "./typed-arrays.ts";

const TWO_TO_32 = 0x1_0000_0000;
/** Texts up to that length are read character by character, which is faster than to call the decoder. */
const SHORT_TEXT = 64;

/** The first byte of an item behind its content: the end of one whose length was not told (RFC 8949 §3.2.1). */
const BREAK_BYTE = (MajorType.SIMPLE << 5) | Simple.BREAK;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A float of 16 bits (RFC 8949 appendix D). */
const halfValue = (bits: number): number => {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (fraction + 0x400) * 2 ** (exponent - 25);
};

/**
 * Reads one value of CBOR (RFC 8949) that may be hostile: every length is checked against the bytes that are there
 * before anything is made of it, and depth is bounded, so time and memory grow with the bytes alone.
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #maxDepth: number;
  #at = 0;

  constructor(bytes: Uint8Array, maxDepth: number) {
    // A Buffer of Node would give views where a copy is asked for.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#maxDepth = maxDepth;
  }

  /** @throws {PayloadValidationError} there is anything but one whole value of what this library writes, or could. */
  readAll(): unknown {
    const value = this.#read(0);
    if (this.#at < this.#bytes.length) this.#refuse("there is more behind the value");
    return value;
  }

  #refuse(reason: string): never {
    const message = `not CBOR: ${reason} (byte ${String(this.#at)})`;
    throw new PayloadValidationError("payload", [{ path: "", message }]);
  }

  #read(depth: number): unknown {
    const first = this.#bytes[this.#take(1)] ?? 0;
    const info = first & 0x1f;
    switch (first >> 5) {
      case MajorType.UNSIGNED:
        return this.#readInteger(info, false);
      case MajorType.NEGATIVE:
        return this.#readInteger(info, true);
      case MajorType.BYTES:
        return this.#readBytes(info).slice();
      case MajorType.TEXT:
        return this.#readText(info);
      case MajorType.ARRAY:
        return this.#readItems(info, this.#deeper(depth));
      case MajorType.MAP:
        return this.#readFields(info, this.#deeper(depth));
      case MajorType.TAG:
        return this.#readTagged(this.#argument(info));
      default:
        return this.#readSimple(info);
    }
  }

  #deeper(depth: number): number {
    if (depth < this.#maxDepth) return depth + 1;
    return this.#refuse(`arrays and objects nest more than ${String(this.#maxDepth)} levels deep`);
  }

  /** Moves on by so many bytes; gives where they begin. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) this.#refuse("it is longer than its bytes");
    this.#at = at + count;
    return at;
  }

  /** The argument of an item; beyond 2^53 not exact. */
  #argument(info: number): number {
    if (info < Argument.ONE_BYTE) return info;
    switch (info) {
      case Argument.ONE_BYTE:
        return this.#view.getUint8(this.#take(1));
      case Argument.TWO_BYTES:
        return this.#view.getUint16(this.#take(2));
      case Argument.FOUR_BYTES:
        return this.#view.getUint32(this.#take(4));
      case Argument.EIGHT_BYTES: {
        const at = this.#take(8);
        return this.#view.getUint32(at) * TWO_TO_32 + this.#view.getUint32(at + 4);
      }
      default:
        return this.#refuse("a length of a kind that does not exist");
    }
  }

  #readInteger(info: number, isNegative: boolean): number | bigint {
    const argument = this.#argument(info);
    const value = isNegative ? -1 - argument : argument;
    if (Number.isSafeInteger(value)) return value;
    const exact = this.#view.getBigUint64(this.#at - 8);
    return isNegative ? -1n - exact : exact;
  }

  /** How many items follow, each of at least so many bytes; undefined: until a break. */
  #count(info: number, leastBytes: number): number | undefined {
    if (info === Argument.INDEFINITE) return undefined;
    const count = this.#argument(info);
    if (count * leastBytes > this.#bytes.length - this.#at) {
      this.#refuse("it is longer than its bytes");
    }
    return count;
  }

  /** Whether an item of unknown length ends here. */
  #ends(): boolean {
    if (this.#bytes[this.#at] !== BREAK_BYTE) return false;
    this.#at += 1;
    return true;
  }

  /** The content of a byte string, not copied. */
  #readBytes(info: number): Uint8Array {
    if (info === Argument.INDEFINITE) return this.#readChunks(MajorType.BYTES);
    const length = this.#argument(info);
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #readChunks(major: MajorType): Uint8Array {
    const chunks: Uint8Array[] = [];
    let length = 0;
    while (!this.#ends()) {
      const first = this.#bytes[this.#take(1)] ?? 0;
      const info = first & 0x1f;
      if (first >> 5 !== major || info === Argument.INDEFINITE) {
        this.#refuse("a string with a part of another kind");
      }
      const chunk = this.#readBytes(info);
      length += chunk.length;
      chunks.push(chunk);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  #readText(info: number): string {
    if (info === Argument.INDEFINITE) return this.#decode(this.#readChunks(MajorType.TEXT));
    const length = this.#argument(info);
    const at = this.#take(length);
    const end = at + length;
    return (
      (length <= SHORT_TEXT ? this.#asciiText(at, end) : undefined) ??
      this.#decode(this.#bytes.subarray(at, end))
    );
  }

  #asciiText(start: number, end: number): string | undefined {
    const bytes = this.#bytes;
    let text = "";
    for (let at = start; at < end; at += 1) {
      const unit = bytes[at] ?? 0;
      if (unit >= 0x80) return undefined;
      text += String.fromCharCode(unit);
    }
    return text;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch {
      return this.#refuse("a text that is not UTF-8");
    }
  }

  #readItems(info: number, depth: number): unknown[] {
    const count = this.#count(info, 1);
    const items: unknown[] = [];
    if (count === undefined) while (!this.#ends()) items.push(this.#read(depth));
    else for (let index = 0; index < count; index += 1) items.push(this.#read(depth));
    return items;
  }

  #readFields(info: number, depth: number): Record<string, unknown> {
    const count = this.#count(info, 2);
    const fields: Record<string, unknown> = {};
    if (count === undefined) while (!this.#ends()) this.#readField(fields, depth);
    else for (let index = 0; index < count; index += 1) this.#readField(fields, depth);
    return fields;
  }

  #readField(fields: Record<string, unknown>, depth: number): void {
    const first = this.#bytes[this.#take(1)] ?? 0;
    if (first >> 5 !== MajorType.TEXT) this.#refuse("a field whose name is no text");
    const name = this.#readText(first & 0x1f);
    if (name === FORBIDDEN_NAME) this.#refuse(`a field named ${FORBIDDEN_NAME}`);
    // Whoever keeps the first and whoever keeps the last would see two different messages.
    if (Object.hasOwn(fields, name)) this.#refuse("a field that comes twice");
    fields[name] = this.#read(depth);
  }

  #readTagged(tag: number): unknown {
    if (!isArrayTag(tag)) this.#refuse(`the tag ${String(tag)}, which is not known`);
    const first = this.#bytes[this.#take(1)] ?? 0;
    if (first >> 5 !== MajorType.BYTES) this.#refuse("a typed array without bytes");
    const array = readTypedArray(tag, this.#readBytes(first & 0x1f));
    return array ?? this.#refuse("a typed array that ends within an element");
  }

  #readSimple(info: number): unknown {
    switch (info) {
      case Simple.FALSE:
        return false;
      case Simple.TRUE:
        return true;
      case Simple.NULL:
      case Simple.UNDEFINED:
        return null;
      case Argument.TWO_BYTES:
        return halfValue(this.#view.getUint16(this.#take(2)));
      case Argument.FOUR_BYTES:
        return this.#view.getFloat32(this.#take(4));
      case Argument.EIGHT_BYTES:
        return this.#view.getFloat64(this.#take(8));
      default:
        return this.#refuse("a simple value that is not known");
    }
  }
}
