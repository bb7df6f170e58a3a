import type { ContentFormat } from "../protocol/content-format.ts";
import { encodeCbor } from "./encode.ts";
import { MajorType } from "./major-type.ts";
import { CborReader } from "./reader.ts";

/**
 * CBOR (RFC 8949), for the option `contentFormats`: numbers cross in their own bytes, as typed arrays (RFC 8746), byte
 * strings and exact 64-bit integers.
 * @example new MQTTClient({ broker: "localhost", contentFormats: [cbor] });
 */
export const cbor: ContentFormat = Object.freeze<ContentFormat>({
  id: 60,
  mediaType: "application/cbor",
  // A payload is an object, and no UTF-8 begins like one in CBOR.
  beginsWith: (firstByte) => firstByte >> 5 === MajorType.MAP,
  encode: encodeCbor,
  decode: (bytes, maxDepth) => new CborReader(bytes, maxDepth).readAll(),
});
