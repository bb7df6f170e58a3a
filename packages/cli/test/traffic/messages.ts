import { createDecoder } from "../../src/traffic/decode-message.ts";
import type { Decoded } from "../../src/traffic/decode-message.ts";

export const REQUEST_TOPIC = "gf_int_v1/axuv/request/pump-1/box";
export const RESPONSE_TOPIC = "gf_int_v1/axuv/response/pump-1/box";
export const REQUEST_ID = "16fd2706-8baf-433b-82eb-8c7fada847da";

export const decode = createDecoder("gf_int_v1");

export const decoded = (topic: string, payload: unknown, at = 0): Decoded => {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return decode({ at, topic, payload: new TextEncoder().encode(text), retain: false });
};

export const request = (at = 0, requestId = REQUEST_ID): Decoded =>
  decoded(
    REQUEST_TOPIC,
    { header: { method: "GET", path: "gains", request_id: requestId }, timestamp: 1, body: null },
    at,
  );

export const response = (at = 0, code = 205): Decoded =>
  decoded(
    RESPONSE_TOPIC,
    {
      header: { response_code: code, path: "gains", request_id: REQUEST_ID, source: "pump-1" },
      timestamp: 1,
      body: [1, 2],
    },
    at,
  );
