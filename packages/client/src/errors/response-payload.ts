import type { ResponseCode } from "./response-code.ts";

/** When a message was made: epoch milliseconds, an int64 as a number or as decimal digits. */
export type Timestamp = number | string;

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

/** The header of a response. */
export interface ResponseHeader extends PayloadHeader {
  response_code: ResponseCode | (number & {});
  /** Where the created resource is, with 201 (RFC 7252 §5.10.7). */
  location?: unknown;
  /** What went wrong, from devices that say it beside the body. */
  error_message?: unknown;
}

/** A response as it travels: how the request with the same `request_id` was answered. */
export interface ResponsePayload<Body = unknown> {
  header: ResponseHeader;
  body: Body;
  timestamp: Timestamp;
  [field: string]: unknown;
}
