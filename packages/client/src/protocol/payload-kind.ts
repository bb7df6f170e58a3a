import { isJsonObject } from "../json/object.ts";
import { MessageType } from "./message-type.ts";
import type { Payload, PayloadKind, RequestPayload, GeneralPayload } from "./payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import type { PayloadIssue } from "../errors/input-errors.ts";
import { parseMethod } from "./method.ts";
import { kindText, valueText } from "../errors/value-text.ts";

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

/** A request that cannot be handled, yet can be answered: it says which request it is. */
export interface InvalidRequest {
  readonly kind: "invalid-request";
  /** Its header, as it came. */
  readonly header: Readonly<Record<string, unknown>>;
  /** The code to answer with: 405 where its method cannot be used, else 400. */
  readonly code: 400 | 405;
  readonly issues: readonly PayloadIssue[];
}

/** What a message that arrived turned out to be. */
export type Arriving =
  | { readonly kind: "request"; readonly payload: RequestPayload }
  | { readonly kind: "response"; readonly payload: ResponsePayload }
  | { readonly kind: "general"; readonly payload: GeneralPayload }
  | InvalidRequest
  | { readonly kind: "invalid"; readonly issues: readonly PayloadIssue[] };

type Fields = Record<string, unknown>;

const invalid = (path: string, message: string): Arriving => ({
  kind: "invalid",
  issues: [{ path, message }],
});

/** The longest request id that is taken, in UTF-16 code units: peers choose it, and it is remembered. */
const LONGEST_ID = 128;

const idFault = (requestId: unknown): string | undefined => {
  if (typeof requestId !== "string" || requestId === "") {
    return `expected a text, got ${valueText(requestId)}`;
  }
  return requestId.length > LONGEST_ID
    ? `expected at most ${LONGEST_ID} characters, got ${requestId.length}`
    : undefined;
};

const readRequest = (payload: Fields, header: Fields): Arriving => {
  const { request_id: requestId, path, method: given } = header;
  const fault = idFault(requestId);
  if (fault !== undefined) return invalid("header.request_id", fault);
  const issues: PayloadIssue[] = [];
  const method = parseMethod(given);
  if (method === undefined) {
    const message = `expected GET, POST, PUT, DELETE or 1 to 4, got ${valueText(given)}`;
    issues.push({ path: "header.method", message });
  }
  if (typeof path !== "string") {
    issues.push({ path: "header.path", message: `expected a string, got ${valueText(path)}` });
  }
  if (issues.length > 0) {
    return {
      kind: "invalid-request",
      header,
      code: method === undefined ? 405 : 400,
      issues,
    };
  }
  header["method"] = method;
  return { kind: "request", payload: payload as RequestPayload };
};

const readResponse = (payload: Fields, header: Fields): Arriving => {
  const { request_id: requestId, response_code: code } = header;
  if (!Number.isInteger(code)) {
    return invalid("header.response_code", `expected an integer, got ${valueText(code)}`);
  }
  const fault = idFault(requestId);
  if (fault !== undefined) return invalid("header.request_id", fault);
  return { kind: "response", payload: payload as ResponsePayload };
};

/**
 * Reads a message off the network, forgivingly: what a request needs to be answered, or a response
 * to be matched with its request, has to be there; everything else is left as the peer sent it, so
 * a field's type is certain only for `header.method`, `header.path` and `header.request_id` of a
 * request, and `header.response_code` and `header.request_id` of a response.
 *
 * The message is the caller's to give away: the method of a request is turned into its name in it.
 *
 * @param topic - where it arrived: firmware that echoes the request's header sends both a method and a
 * response code, and then the type in the topic decides.
 */
export const readArriving = (value: unknown, topic?: string): Arriving => {
  if (!isJsonObject(value)) return invalid("", `expected an object, got ${kindText(value)}`);
  const kind = payloadKind(value, topic);
  const header = value["header"];
  if (kind === "general") return { kind, payload: value as GeneralPayload };
  if (!isJsonObject(header)) {
    return invalid("header", `expected an object, got ${kindText(header)}`);
  }
  return kind === "request" ? readRequest(value, header) : readResponse(value, header);
};
