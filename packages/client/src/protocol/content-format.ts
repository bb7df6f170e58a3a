import { isJsonObject } from "../json/object.ts";

/** JSON, which everybody takes (RFC 7252 §12.3). */
export const JSON_FORMAT_ID = 50;

/** A way to write payloads as bytes, and to read them (RFC 7252 §12.3). */
export interface ContentFormat {
  /**
   * Its number in CoAP, by which requests ask for it.
   * @example cbor.id; // 60
   */
  readonly id: number;
  /**
   * The media type, which MQTT 5 tells with each message.
   * @example cbor.mediaType; // "application/cbor"
   */
  readonly mediaType: string;
  /**
   * Whether a payload is written in it, told by its first byte.
   * @example cbor.beginsWith(0xa3); // true
   */
  readonly beginsWith: (firstByte: number) => boolean;
  /**
   * A value as bytes.
   *
   * @param subject - what is encoded, for the error.
   * @throws {PayloadValidationError} something in it cannot be carried over; the issues name each place.
   * @example cbor.encode({ body: Float32Array.of(1, 2) }, "payload");
   */
  readonly encode: (value: unknown, subject: string) => Uint8Array;
  /**
   * The value that bytes stand for.
   *
   * @param maxDepth - how deep arrays and objects may nest.
   * @throws {PayloadValidationError} they are not in this format; never anything else, whatever the bytes.
   * @example cbor.decode(bytes, 1_000);
   */
  readonly decode: (bytes: Uint8Array, maxDepth: number) => unknown;
}

/** Whether a value has what a content format has; what its functions do is its own matter. */
export const isContentFormat = (value: unknown): value is ContentFormat =>
  isJsonObject(value) &&
  Number.isSafeInteger(value["id"]) &&
  value["id"] !== JSON_FORMAT_ID &&
  typeof value["mediaType"] === "string" &&
  ["beginsWith", "encode", "decode"].every((name) => typeof value[name] === "function");

/** The format that a payload is written in; undefined: JSON. */
export const arrivingFormat = (
  formats: readonly ContentFormat[],
  payload: Uint8Array,
): ContentFormat | undefined => {
  const [firstByte] = payload;
  return firstByte === undefined
    ? undefined
    : formats.find(({ beginsWith }) => beginsWith(firstByte));
};

/**
 * The format to answer a request in: the first that it asks for and that there is; undefined: JSON.
 *
 * @param accept - from the request's header: the numbers of the formats that it takes, the best first.
 */
export const acceptedFormat = (
  formats: readonly ContentFormat[],
  accept: unknown,
): ContentFormat | undefined => {
  if (!Array.isArray(accept)) return undefined;
  const asked: readonly unknown[] = accept;
  const isKnown = (id: unknown): boolean =>
    id === JSON_FORMAT_ID || formats.some((format) => format.id === id);
  const chosen = asked.find(isKnown);
  return formats.find(({ id }) => id === chosen);
};
