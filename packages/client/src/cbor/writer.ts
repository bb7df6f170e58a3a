import { hasNamedFields } from "../json/copy.ts";
import { isJsonObject } from "../json/object.ts";
import { Argument, FORBIDDEN_NAME, MajorType, Simple } from "./major-type.ts";
import { arrayKindOf } from "./typed-arrays.ts";

const FIRST_BYTES = 512;
/** What precedes the content of an item. */
const MOST_HEAD_BYTES = 9;
const TWO_TO_32 = 0x1_0000_0000;
/** Texts up to that length are written character by character, which is faster than to call the encoder. */
const SHORT_TEXT = 48;
const MOST_INT64 = 2n ** 63n;

const utf8 = new TextEncoder();

/** Whether an integer has a place in 64 bits. */
export const isInt64 = (value: bigint): boolean => value < MOST_INT64 && value >= -MOST_INT64;

/**
 * Writes one value as CBOR (RFC 8949). What it does not know for certain it does not write: {@link CborWriter.write}
 * then gives false, and what was written before is of no use.
 */
export class CborWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  readonly #maxDepth: number;

  /** @param maxDepth - how deep arrays and objects may nest; a cycle ends there, too. */
  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** What has been written. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  write(value: unknown, depth = 0): boolean {
    switch (typeof value) {
      case "string":
        return this.#writeText(value);
      case "number":
        this.#writeNumber(value);
        return true;
      case "boolean":
        this.#putHead(MajorType.SIMPLE, value ? Simple.TRUE : Simple.FALSE);
        return true;
      case "bigint":
        return this.#writeBigint(value);
      case "object":
        return this.#writeObject(value, depth);
      default:
        return false;
    }
  }

  #writeObject(value: object | null, depth: number): boolean {
    if (value === null) {
      this.#putHead(MajorType.SIMPLE, Simple.NULL);
      return true;
    }
    if (ArrayBuffer.isView(value)) return this.#writeView(value);
    if (depth === this.#maxDepth || "toJSON" in value) return false;
    if (!isJsonObject(value)) {
      return Array.isArray(value) && this.#writeItems(value, depth + 1);
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    return (
      (prototype === Object.prototype || prototype === null) && this.#writeFields(value, depth + 1)
    );
  }

  #writeItems(items: readonly unknown[], depth: number): boolean {
    if (hasNamedFields(items)) return false;
    this.#putHead(MajorType.ARRAY, items.length);
    for (let index = 0; index < items.length; index += 1) {
      if (!this.write(items[index], depth)) return false;
    }
    return true;
  }

  #writeFields(fields: Readonly<Record<string, unknown>>, depth: number): boolean {
    const keys = Object.keys(fields);
    this.#putHead(MajorType.MAP, keys.length);
    const headEnd = this.#at;
    let count = 0;
    for (const key of keys) {
      const field = fields[key];
      if (field === undefined) continue;
      if (key === FORBIDDEN_NAME || !this.#writeText(key) || !this.write(field, depth))
        return false;
      count += 1;
    }
    if (count < keys.length) this.#correctCount(headEnd, keys.length, count);
    return true;
  }

  /** Fields that are undefined are not written: the head has room for as many as there might have been. */
  #correctCount(headEnd: number, assumed: number, count: number): void {
    if (assumed < Argument.ONE_BYTE) this.#bytes[headEnd - 1] = (MajorType.MAP << 5) | count;
    else if (assumed < 0x100) this.#bytes[headEnd - 1] = count;
    else if (assumed < 0x1_0000) this.#view.setUint16(headEnd - 2, count);
    else this.#view.setUint32(headEnd - 4, count);
  }

  #writeText(text: string): boolean {
    const { length } = text;
    if (length <= SHORT_TEXT) {
      const start = this.#at;
      this.#putHead(MajorType.TEXT, length);
      this.#ensure(length);
      const bytes = this.#bytes;
      let at = this.#at;
      let index = 0;
      for (; index < length; index += 1) {
        const unit = text.charCodeAt(index);
        if (unit >= 0x80) break;
        bytes[at] = unit;
        at += 1;
      }
      if (index === length) {
        this.#at = at;
        return true;
      }
      this.#at = start;
    }
    if (!text.isWellFormed()) return false;
    this.#putBytes(MajorType.TEXT, utf8.encode(text));
    return true;
  }

  #writeView(view: ArrayBufferView): boolean {
    const kind = arrayKindOf(view);
    if (kind === undefined) return false;
    if (kind.tag !== undefined) this.#putHead(MajorType.TAG, kind.tag);
    const { buffer, byteOffset, byteLength } = view;
    this.#putBytes(MajorType.BYTES, new Uint8Array(buffer, byteOffset, byteLength));
    return true;
  }

  #writeNumber(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0) this.#putHead(MajorType.UNSIGNED, value);
      else this.#putHead(MajorType.NEGATIVE, -1 - value);
      return;
    }
    this.#ensure(MOST_HEAD_BYTES);
    if (Math.fround(value) === value) {
      this.#bytes[this.#at] = (MajorType.SIMPLE << 5) | Argument.FOUR_BYTES;
      this.#view.setFloat32(this.#at + 1, value);
      this.#at += 5;
    } else {
      this.#bytes[this.#at] = (MajorType.SIMPLE << 5) | Argument.EIGHT_BYTES;
      this.#view.setFloat64(this.#at + 1, value);
      this.#at += 9;
    }
  }

  /** In eight bytes, always: most of those that are given as bigint need them. */
  #writeBigint(value: bigint): boolean {
    if (!isInt64(value)) return false;
    this.#ensure(MOST_HEAD_BYTES);
    const major = value >= 0n ? MajorType.UNSIGNED : MajorType.NEGATIVE;
    this.#bytes[this.#at] = (major << 5) | Argument.EIGHT_BYTES;
    this.#view.setBigUint64(this.#at + 1, value >= 0n ? value : -1n - value);
    this.#at += 9;
    return true;
  }

  #putBytes(major: MajorType, content: Uint8Array): void {
    this.#putHead(major, content.length);
    this.#ensure(content.length);
    this.#bytes.set(content, this.#at);
    this.#at += content.length;
  }

  /** The first byte of an item and its argument, in as few bytes as hold it (RFC 8949 §4.1). */
  #putHead(major: MajorType, argument: number): void {
    this.#ensure(MOST_HEAD_BYTES);
    const bytes = this.#bytes;
    const type = major << 5;
    if (argument < Argument.ONE_BYTE) {
      bytes[this.#at] = type | argument;
      this.#at += 1;
    } else if (argument < 0x100) {
      bytes[this.#at] = type | Argument.ONE_BYTE;
      bytes[this.#at + 1] = argument;
      this.#at += 2;
    } else if (argument < 0x1_0000) {
      bytes[this.#at] = type | Argument.TWO_BYTES;
      this.#view.setUint16(this.#at + 1, argument);
      this.#at += 3;
    } else if (argument < TWO_TO_32) {
      bytes[this.#at] = type | Argument.FOUR_BYTES;
      this.#view.setUint32(this.#at + 1, argument);
      this.#at += 5;
    } else {
      bytes[this.#at] = type | Argument.EIGHT_BYTES;
      this.#view.setUint32(this.#at + 1, Math.floor(argument / TWO_TO_32));
      this.#view.setUint32(this.#at + 5, argument % TWO_TO_32);
      this.#at += 9;
    }
  }

  #ensure(room: number): void {
    const needed = this.#at + room;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed + FIRST_BYTES, 2 * this.#bytes.length));
    grown.set(this.written);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
