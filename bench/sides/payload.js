// @ts-check
import { randomUUID } from "node:crypto";

/** A body that makes the whole request about `bytes` long. @param {number} bytes */
export const bodyOf = (bytes) => "x".repeat(Math.max(0, bytes - 190));

/** A request as the library makes it. @param {unknown} body */
export const requestOf = (body) => {
  const requestId = randomUUID();
  const header = {
    request_id: requestId,
    path: "gains",
    correlation_id: null,
    source: "bench_requester",
    token: null,
    method: "GET",
  };
  return { requestId, payload: { timestamp: Date.now(), body, header } };
};

/**
 * The response to a request, as the library makes it.
 * @param {{ body: unknown, header: { request_id: string, path: string, correlation_id: string | null } }} request
 */
export const responseTo = ({ body, header }) => ({
  timestamp: Date.now(),
  body,
  header: {
    request_id: header.request_id,
    path: header.path,
    correlation_id: header.correlation_id,
    source: "bench_device",
    response_code: 205,
  },
});

export const NAMESPACE = "gf_int_v1";
export const SUBSYSTEM = "axuv";
