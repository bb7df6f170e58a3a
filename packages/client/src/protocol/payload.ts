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
