// @ts-check
import { randomUUID } from "node:crypto";

export const NAMESPACE = "gf_int_v1";
export const SUBSYSTEM = "axuv";
export const PATH = "gains";
/** A resource that no device of the benchmark answers for. */
export const SILENT_PATH = "stuck";

/**
 * @typedef {object} Asked What is asked of whom.
 * @property {string} target
 * @property {unknown} body
 * @property {string} [path] Default: {@link PATH}.
 */

/**
 * @typedef {object} Header As much of a header as the sides need.
 * @property {string} request_id
 * @property {string} path
 * @property {string | null} correlation_id
 */

/** The devices of one pair of sides: others may use the same broker. @param {string} prefix @param {number} index */
export const deviceTag = (prefix, index) => `${prefix}${index}`;

/** The requester of one pair of sides. @param {string} prefix */
export const requesterTag = (prefix) => `${prefix}r`;

/** A request as the library makes it. @param {string} source @param {Asked} asked */
export const requestOf = (source, { body, path = PATH }) => ({
  timestamp: Date.now(),
  body,
  header: {
    request_id: randomUUID(),
    path,
    correlation_id: null,
    source,
    token: null,
    method: "GET",
  },
});

/**
 * The response to a request, as the library makes it.
 *
 * @param {string} source @param {{ body: unknown, header: Header }} request
 */
export const responseTo = (source, { body, header }) => ({
  timestamp: Date.now(),
  body,
  header: {
    request_id: header.request_id,
    path: header.path,
    correlation_id: header.correlation_id,
    source,
    response_code: 205,
  },
});

const ENVELOPE_BYTES =
  JSON.stringify(requestOf(requesterTag("a"), { target: "", body: null })).length - "null".length;

/** Readings, as a data-acquisition board sends them, that make a request of about `bytes`. @param {number} bytes */
export const bodyOf = (bytes) => {
  /** @type {number[]} */
  const readings = [];
  for (let length = ENVELOPE_BYTES + "[]".length; length < bytes;) {
    const reading = ((readings.length * 7919) % 10_000) / 10_000;
    length += String(reading).length + ",".length;
    if (length <= bytes) readings.push(reading);
  }
  return readings;
};
