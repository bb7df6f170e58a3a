import type { Method } from "./method.ts";
import type { ResponseCode } from "./response-code.ts";

/** When a message was made: epoch milliseconds, an int64 as a number or as decimal digits. */
export type Timestamp = number | string;

/** A message for whoever listens: neither a request nor a response. */
export interface GeneralPayload<Body = unknown> {
  body: Body;
  timestamp: Timestamp;
  [field: string]: unknown;
}

/** The header fields that requests and responses share. Further fields are carried through. */
export interface PayloadHeader {
  /** Ties a response to its request: a UUID, or 32 hexadecimal digits. */
  request_id: string;
  /** The resource (RFC 7252 §5.10.1, there Uri-Path). */
  path: string;
  /** Groups the messages of a batch: a UUID, or 32 hexadecimal digits. */
  correlation_id?: string | null;
  /** The identifier of the sender. */
  source?: string | null;
  /** An authentication token. */
  token?: string | null;
  [field: string]: unknown;
}

/** The header of a request. */
export interface RequestHeader extends PayloadHeader {
  method: Method;
}

/** The header of a response. */
export interface ResponseHeader extends PayloadHeader {
  response_code: ResponseCode | (number & {});
  /** Where the created resource is, with 201 (RFC 7252 §5.10.7). */
  location?: unknown;
  /** What went wrong, from devices that say it beside the body. */
  error_message?: unknown;
}

/** A request as it travels: what is asked of which resource. */
export interface RequestPayload<Body = unknown> {
  header: RequestHeader;
  body: Body;
  timestamp: Timestamp;
  [field: string]: unknown;
}

/** A response as it travels: how the request with the same `request_id` was answered. */
export interface ResponsePayload<Body = unknown> {
  header: ResponseHeader;
  body: Body;
  timestamp: Timestamp;
  [field: string]: unknown;
}

/** Any of the three payloads. */
export type Payload = GeneralPayload | RequestPayload | ResponsePayload;

/** Which of the three a payload is. */
export type PayloadKind = "general" | "request" | "response";

/** Whether `value` is an object in JSON's sense: no array, not null. */
export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

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
