/** A typed array, of whichever kind. */
export type TypedArray =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** One kind of typed array. */
export interface ArrayKind {
  readonly name: string;
  /** With its elements in the order of this machine's bytes; undefined: a byte string needs no tag. */
  readonly tag: number | undefined;
  readonly elementBytes: number;
  /** A view of all of a buffer. */
  readonly over: (buffer: ArrayBuffer) => TypedArray;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Those of big endian elements come four before those of little endian ones (RFC 8746 §2.1). */
const ENDIANNESS = 4;

const native = (littleEndianTag: number): number =>
  isLittleEndian ? littleEndianTag : littleEndianTag - ENDIANNESS;

const KINDS: readonly ArrayKind[] = [
  { name: "Uint8Array", tag: undefined, elementBytes: 1, over: (b) => new Uint8Array(b) },
  { name: "Uint8ClampedArray", tag: 68, elementBytes: 1, over: (b) => new Uint8ClampedArray(b) },
  { name: "Int8Array", tag: 72, elementBytes: 1, over: (b) => new Int8Array(b) },
  { name: "Uint16Array", tag: native(69), elementBytes: 2, over: (b) => new Uint16Array(b) },
  { name: "Uint32Array", tag: native(70), elementBytes: 4, over: (b) => new Uint32Array(b) },
  { name: "BigUint64Array", tag: native(71), elementBytes: 8, over: (b) => new BigUint64Array(b) },
  { name: "Int16Array", tag: native(77), elementBytes: 2, over: (b) => new Int16Array(b) },
  { name: "Int32Array", tag: native(78), elementBytes: 4, over: (b) => new Int32Array(b) },
  { name: "BigInt64Array", tag: native(79), elementBytes: 8, over: (b) => new BigInt64Array(b) },
  { name: "Float32Array", tag: native(85), elementBytes: 4, over: (b) => new Float32Array(b) },
  { name: "Float64Array", tag: native(86), elementBytes: 8, over: (b) => new Float64Array(b) },
];

const BY_NAME: ReadonlyMap<string, ArrayKind> = new Map(KINDS.map((kind) => [kind.name, kind]));

/** How the bytes of a tag are to be read. */
interface TaggedKind {
  readonly kind: ArrayKind;
  readonly isSwapped: boolean;
}

const taggedKinds = (kind: ArrayKind): readonly (readonly [number, TaggedKind])[] => {
  const { tag = 64, elementBytes } = kind;
  const own = [tag, { kind, isSwapped: false }] as const;
  if (elementBytes === 1) return [own];
  return [own, [isLittleEndian ? tag - ENDIANNESS : tag + ENDIANNESS, { kind, isSwapped: true }]];
};

const BY_TAG: ReadonlyMap<number, TaggedKind> = new Map(KINDS.flatMap(taggedKinds));

/** The kind of a typed array; undefined for anything else, and for kinds without a tag, as `Float16Array`. */
export const arrayKindOf = (value: ArrayBufferView): ArrayKind | undefined =>
  BY_NAME.get(Object.prototype.toString.call(value).slice(8, -1));

export const isTypedArray = (value: unknown): value is TypedArray =>
  ArrayBuffer.isView(value) && arrayKindOf(value) !== undefined;

/** Whether a tag says that a byte string holds the elements of a typed array. */
export const isArrayTag = (tag: number): boolean => BY_TAG.has(tag);

const swap = (bytes: Uint8Array, elementBytes: number): void => {
  for (let at = 0; at < bytes.length; at += elementBytes) {
    bytes.subarray(at, at + elementBytes).reverse();
  }
};

/**
 * The typed array that a tag makes of bytes: a copy, so it may lie anywhere in them, and lives as long as it is wanted.
 * `undefined` where the bytes are no whole number of elements, or the tag is none of typed arrays.
 */
export const readTypedArray = (tag: number, bytes: Uint8Array): TypedArray | undefined => {
  const tagged = BY_TAG.get(tag);
  if (tagged === undefined || bytes.length % tagged.kind.elementBytes !== 0) return undefined;
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (tagged.isSwapped) swap(copy, tagged.kind.elementBytes);
  return tagged.kind.over(copy.buffer);
};
