import { isJsonObject } from "../json/json-object.ts";
import { MessageType } from "./message-type.ts";
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

/** Whether a topic is one that responses are published on: `{namespace}/{subsystem}/response/{target}/{last}`. */
const isResponseTopic = (topic: string): boolean => {
  const segments = topic.split("/", 5);
  return segments.length === 5 && segments[2] === MessageType.RESPONSE;
};

/**
 * Which kind of payload `payload` sets out to be, by its header: with `method` a request, else with
 * `response_code` a response, else general. `undefined` where it can be none: it is no object, or its header
 * is not one.
 *
 * @param topic - where it arrived, if it did: on a response topic, a header with both makes a response.
 */
export const payloadKind = (payload: unknown, topic?: string): PayloadKind | undefined => {
  if (!isJsonObject(payload)) return undefined;
  if (!carries(payload, "header")) return "general";
  const header = payload["header"];
  if (!isJsonObject(header)) return undefined;
  const hasCode = carries(header, "response_code");
  if (!carries(header, "method")) return hasCode ? "response" : "general";
  return hasCode && topic !== undefined && isResponseTopic(topic) ? "response" : "request";
};

/** Whether a payload is a request, by its header alone. */
export const isRequestPayload = (payload: Payload): payload is RequestPayload =>
  payloadKind(payload) === "request";

/** Whether a payload is a response, by its header alone. */
export const isResponsePayload = (payload: Payload): payload is ResponsePayload =>
  payloadKind(payload) === "response";

/** Whether what arrived on a topic is a request. */
export const isRequestOn = (topic: string, payload: Payload): payload is RequestPayload =>
  payloadKind(payload, topic) === "request";

/** Whether what arrived on a topic is a response. */
export const isResponseOn = (topic: string, payload: Payload): payload is ResponsePayload =>
  payloadKind(payload, topic) === "response";
