import { parseJson } from "../json/decode.ts";
import { encodeJson } from "../json/encode.ts";
import type { ContentFormat } from "../protocol/content-format.ts";

/** A payload as it crosses: JSON text, the bytes of another format, or, where it has been read before, itself. */
export type Crossed = string | object;

/** How payloads cross between the threads: as JSON, which is copied fastest, where a client has nothing else. */
export interface CrossingFormat {
  /**
   * What a user gave.
   *
   * @throws {PayloadValidationError} the format would spoil something; its issues name each place.
   */
  readonly write: (value: unknown, subject: string) => Crossed;
  /** What has arrived, so that it is certain to be data. */
  readonly pass: (value: object) => Crossed;
  readonly read: (crossed: unknown) => unknown;
}

const JSON_CROSSING: CrossingFormat = {
  write: encodeJson,
  pass: (value) => JSON.stringify(value),
  read: (crossed) => (typeof crossed === "string" ? parseJson(crossed, Infinity) : crossed),
};

/** How the payloads of a client cross that has these formats beside JSON. */
export const crossingFormat = ([format]: readonly ContentFormat[]): CrossingFormat =>
  format === undefined
    ? JSON_CROSSING
    : {
        // The bytes alone: all of the buffer below them would be copied.
        write: (value, subject) => format.encode(value, subject).slice(),
        // Its typed arrays cross as they are.
        pass: (value) => value,
        read: (crossed) =>
          crossed instanceof Uint8Array ? format.decode(crossed, Infinity) : crossed,
      };
