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
