import { PayloadHandler, PayloadValidationError, TopicManager, payloadKind } from "gf-mqtt-client";
import { isJsonObject } from "../json-object.ts";
import type { JsonObject } from "../json-object.ts";

/** A message as it passed through the broker. */
export interface SeenMessage {
  /** When, in epoch ms. */
  readonly at: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

/** What a message says, as far as it can be read. */
export interface Decoded {
  readonly kind: "request" | "response" | "general" | "other";
  readonly at: number;
  readonly topic: string;
  readonly retain: boolean;
  /** Undefined where the topic is none of the library's. */
  readonly subsystem: string | undefined;
  readonly target: string | undefined;
  /** The third segment of the topic: `request`, `response`, `event`, `system`. */
  readonly type: string | undefined;
  /** The last segment of the topic. */
  readonly last: string | undefined;
  readonly requestId: string | undefined;
  readonly path: string | undefined;
  readonly method: string | undefined;
  readonly code: number | undefined;
  readonly source: string | undefined;
  /** Of a response: where what was created is. */
  readonly location: unknown;
  readonly body: unknown;
  /** What is wrong with it; empty: nothing. */
  readonly issues: readonly string[];
  readonly payloadBytes: number;
}

const payloads = new PayloadHandler();
const utf8 = new TextDecoder("utf-8", { fatal: true });

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const methodOf = ({ method }: JsonObject): string =>
  typeof method === "string" ? method : JSON.stringify(method);

/** What can be read of a payload, and what is wrong with it. */
interface Read {
  readonly payload: JsonObject | undefined;
  readonly issues: readonly string[];
}

const readLeniently = (bytes: Uint8Array): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const read = (bytes: Uint8Array): Read => {
  try {
    return { payload: { ...payloads.parsePayload(bytes) }, issues: [] };
  } catch (error) {
    if (!(error instanceof PayloadValidationError)) throw error;
    const issues = error.issues.map(({ path, message }) =>
      path === "" ? message : `${path}: ${message}`,
    );
    return { payload: readLeniently(bytes), issues: issues.length > 0 ? issues : [error.message] };
  }
};

/** Reads a message: every message can be, if only as bytes on a topic. */
export type Decode = (message: SeenMessage) => Decoded;

/** Makes what reads the messages of a namespace, and of others as far as they can be. */
export const createDecoder = (namespace: string): Decode => {
  const topics = new TopicManager(namespace);
  return (message) => decode(message, topics);
};

const decode = (
  { at, topic, payload: bytes, retain }: SeenMessage,
  topics: TopicManager,
): Decoded => {
  const parts = topics.getParts(topic);
  const isOurs = parts?.namespace === topics.namespace;
  const { payload, issues } = read(bytes);
  const header = isJsonObject(payload?.["header"]) ? payload["header"] : {};
  const kind = payloadKind(payload, topic);
  const { response_code: code } = header;
  return {
    kind: kind ?? "other",
    at,
    topic,
    retain,
    subsystem: isOurs ? parts.subsystem : undefined,
    target: isOurs ? parts.target : undefined,
    type: isOurs ? parts.type : undefined,
    last: isOurs ? parts.lastSegment : undefined,
    requestId: textOf(header["request_id"]),
    path: textOf(header["path"]),
    method: kind === "request" ? methodOf(header) : undefined,
    code: typeof code === "number" ? code : undefined,
    source: textOf(header["source"]),
    location: header["location"],
    body: payload?.["body"],
    issues,
    payloadBytes: bytes.length,
  };
};
