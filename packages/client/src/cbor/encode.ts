import { PayloadValidationError } from "../errors/input-errors.ts";
import { copyFor } from "../json/copy.ts";
import type { CopyFormat } from "../json/copy.ts";
import { FORBIDDEN_NAME } from "./major-type.ts";
import { isTypedArray } from "./typed-arrays.ts";
import { CborWriter, isInt64 } from "./writer.ts";

// Past this depth the copy takes over, which can tell deep data from a cycle; it has a bound of its own.
const PLAIN_NESTING = 32;
const COPY_NESTING = 1_000;

const CBOR_FORMAT: CopyFormat = {
  name: "CBOR",
  carries: (value) =>
    typeof value === "number" ||
    (typeof value === "bigint" && isInt64(value)) ||
    isTypedArray(value),
  integers: "an int64",
  forbiddenName: FORBIDDEN_NAME,
};

/** The bytes of a value that has no doubt about it; undefined where only the copy can tell. */
const writePlain = (value: unknown): Uint8Array | undefined => {
  const writer = new CborWriter(PLAIN_NESTING);
  try {
    return writer.write(value) ? writer.written : undefined;
  } catch {
    // A getter or a proxy threw, and the copy finds out where; or there is no memory for so many bytes.
    return undefined;
  }
};

/**
 * `value` as CBOR (RFC 8949), by the rules of JSON (`toJSON` is called, fields that are `undefined` are left out), and
 * beyond them: typed arrays (RFC 8746), byte strings, bigints within int64, NaN, infinities and -0 come out as they
 * went in.
 *
 * @param subject - what is encoded, for the error: `"request payload"`.
 * @throws {PayloadValidationError} CBOR would spoil something; its issues name each place.
 */
export const encodeCbor = (value: unknown, subject: string): Uint8Array => {
  const plain = writePlain(value);
  if (plain !== undefined) return plain;
  const copy = copyFor(CBOR_FORMAT, value, subject);
  const writer = new CborWriter(COPY_NESTING);
  let cause: unknown;
  try {
    if (writer.write(copy)) return writer.written;
  } catch (error) {
    // What is left to go wrong is a length beyond the longest, or a typed array that changed meanwhile.
    cause = error;
  }
  const message = "cannot be written as CBOR";
  throw new PayloadValidationError(subject, [{ path: "", message }], { cause });
};
