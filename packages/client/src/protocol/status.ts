import { isJsonObject } from "../json/object.ts";
import { MessageType } from "./message-type.ts";
import { assertTopicFilter } from "./topic-filter.ts";
import { assertTopicName } from "./topic-name.ts";

/** Whether a device is there. */
export type DeviceState = "ONLINE" | "OFFLINE";

/** What a device says of itself. */
export interface DeviceStatus {
  readonly state: DeviceState;
  /** When it said so, by its own clock, in epoch milliseconds; undefined where it did not tell. */
  readonly lastUpdated: number | undefined;
}

/** The subsystem that every device has: the library's own. */
export const DEVICE_SUBSYSTEM = "device";
/** The last segment of the topics that tell of devices. */
export const STATUS_SEGMENT = "status";

const BEFORE_IDENTIFIER = `/${DEVICE_SUBSYSTEM}/${MessageType.SYSTEM}/`;
const AFTER_IDENTIFIER = `/${STATUS_SEGMENT}`;

/**
 * The topic on which a device tells that it is there, retained.
 *
 * @throws {TopicError} the identifier makes it too long.
 */
export const statusTopicOf = (namespace: string, identifier: string): string => {
  const topic = `${namespace}${BEFORE_IDENTIFIER}${identifier}${AFTER_IDENTIFIER}`;
  assertTopicName(topic);
  return topic;
};

/** The filter of all these topics. */
export const statusFilterOf = (namespace: string): string => {
  const filter = `${namespace}${BEFORE_IDENTIFIER}+${AFTER_IDENTIFIER}`;
  assertTopicFilter(filter);
  return filter;
};

/** Whose status is told on a topic; undefined: it is none of these topics. */
export const statusIdentifier = (namespace: string, topic: string): string | undefined => {
  const start = `${namespace}${BEFORE_IDENTIFIER}`;
  if (!topic.startsWith(start) || !topic.endsWith(AFTER_IDENTIFIER)) return undefined;
  const identifier = topic.slice(start.length, -AFTER_IDENTIFIER.length);
  return identifier === "" || identifier.includes("/") ? undefined : identifier;
};

/** The general payload that tells a status: the form that the Python library documents. */
export const encodeStatus = (state: DeviceState, at: number): string =>
  JSON.stringify({ body: { state, last_updated: String(at) }, timestamp: at });

/** The latest time that a `Date` can be of. */
const LATEST_MS = 8.64e15;

/** A timestamp as a number; a text of digits is one, too. */
export const epochMsOf = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  const isTime = Number.isInteger(number) && Math.abs(Number(number)) <= LATEST_MS;
  return isTime ? Number(number) : undefined;
};

/** What a payload on a status topic tells; undefined: it tells none. */
export const readStatus = (payload: unknown): DeviceStatus | undefined => {
  const body = isJsonObject(payload) ? payload["body"] : undefined;
  if (!isJsonObject(payload) || !isJsonObject(body)) return undefined;
  const { state, last_updated: lastUpdated } = body;
  if (state !== "ONLINE" && state !== "OFFLINE") return undefined;
  return { state, lastUpdated: epochMsOf(lastUpdated) ?? epochMsOf(payload["timestamp"]) };
};
