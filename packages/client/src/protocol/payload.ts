import { isJsonObject } from "../json/json-object.ts";
import type { Method } from "./method.ts";
import type { PayloadHeader, ResponsePayload, Timestamp } from "../errors/response-payload.ts";

/** A message for whoever listens: neither a request nor a response. */
export interface GeneralPayload<Body = unknown> {
  body: Body;
  timestamp: Timestamp;
  [field: string]: unknown;
}

/** The header of a request. */
export interface RequestHeader extends PayloadHeader {
  method: Method;
}

/** A request as it travels: what is asked of which resource. */
export interface RequestPayload<Body = unknown> {
  header: RequestHeader;
  body: Body;
  timestamp: Timestamp;
  [field: string]: unknown;
}

/** Any of the three payloads. */
export type Payload = GeneralPayload | RequestPayload | ResponsePayload;

/** Which of the three a payload is. */
export type PayloadKind = "general" | "request" | "response";

// A field that is `undefined` does not travel, and an inherited one does not either.
const carries = (header: Record<string, unknown>, field: string): boolean =>
  Object.hasOwn(header, field) && header[field] !== undefined;

/**
 * Which kind of payload `payload` sets out to be, by its header alone: with `method` a request,
 * else with `response_code` a response, else general. `undefined` where it can be none: it is no
 * object, or its header is not one.
 */
export const payloadKind = (payload: unknown): PayloadKind | undefined => {
  if (!isJsonObject(payload)) return undefined;
  if (!carries(payload, "header")) return "general";
  const header = payload["header"];
  if (!isJsonObject(header)) return undefined;
  if (carries(header, "method")) return "request";
  return carries(header, "response_code") ? "response" : "general";
};

/** Whether a payload is a request, by its header alone. */
export const isRequestPayload = (payload: Payload): payload is RequestPayload =>
  payloadKind(payload) === "request";

/** Whether a payload is a response, by its header alone. */
export const isResponsePayload = (payload: Payload): payload is ResponsePayload =>
  payloadKind(payload) === "response";
