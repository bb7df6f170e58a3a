import { TopicError } from "../errors/input-errors.ts";

/** The longest topic name or filter, in UTF-8 bytes (MQTT 5 §1.5.4). */
const MAX_TOPIC_BYTES = 65_535;
// A UTF-16 code unit takes three bytes at most.
const MAX_BYTES_PER_UNIT = 3;

const WILDCARD = /[+#]/;
// MQTT lets a broker close the connection over these (MQTT 5 §1.5.4), and Mosquitto does.
const UNSAFE_CHARACTER = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;
// Every send checks topics, and nearly all of them are like this: nothing further to look at.
const PLAIN_SEGMENT = /^[\w.:-]{1,1000}$/;
const PLAIN_TOPIC = /^[\w.:/-]{1,1000}$/;

const encoder = new TextEncoder();

const lengthFault = (text: string): string | undefined => {
  if (text.length * MAX_BYTES_PER_UNIT <= MAX_TOPIC_BYTES) return undefined;
  const bytes = encoder.encode(text).length;
  return bytes > MAX_TOPIC_BYTES
    ? `must not exceed ${MAX_TOPIC_BYTES} bytes of UTF-8, has ${bytes}`
    : undefined;
};

/** Why MQTT cannot carry `text` as a topic name or a topic filter (MQTT 5 §4.7.3), if so. */
export const topicTextFault = (text: unknown): string | undefined => {
  if (typeof text !== "string") return "must be a string";
  if (text === "") return "must not be empty";
  if (text.includes("\0")) return "must not contain the character NUL";
  if (!text.isWellFormed()) return "must not contain half a surrogate pair";
  if (UNSAFE_CHARACTER.test(text)) return "must not contain control or non-characters";
  return lengthFault(text);
};

const nameFault = (text: unknown): string | undefined =>
  topicTextFault(text) ??
  (WILDCARD.test(String(text)) ? "must not contain the wildcards + and #" : undefined);

/**
 * Checks one segment of a topic to publish to: a text without `/`, wildcards and NUL.
 *
 * @param name - what the segment is, for the error: `"subsystem"`.
 * @throws {TopicError} it is no such text.
 */
export function assertSegment(value: unknown, name: string): asserts value is string {
  if (typeof value === "string" && PLAIN_SEGMENT.test(value)) return;
  const fault =
    nameFault(value) ?? (String(value).includes("/") ? "must not contain /" : undefined);
  if (fault !== undefined) throw new TopicError(name, value, fault);
}

/**
 * Checks a topic to publish to (MQTT 5 §4.7): a text of at most 65,535 bytes without wildcards and
 * NUL.
 *
 * @throws {TopicError} it is no such text.
 */
export function assertTopicName(topic: unknown): asserts topic is string {
  if (typeof topic === "string" && PLAIN_TOPIC.test(topic)) return;
  const fault = nameFault(topic);
  if (fault !== undefined) throw new TopicError("topic", topic, fault);
}
