import { TopicError } from "../errors/input-errors.ts";
import { MessageType } from "./message-type.ts";
import { assertTopicFilter } from "./topic-filter.ts";
import { assertSegment, assertTopicName } from "./topic-name.ts";

/** The segments of a topic of this protocol. */
export interface TopicParts {
  readonly namespace: string;
  readonly subsystem: string;
  /** What the message is for, usually a `MessageType`. */
  readonly type: string;
  /** The identifier of the device. */
  readonly target: string;
  /** What ties a response to its request: the requester's mailbox, or the id of the request. */
  readonly lastSegment: string;
  /** @deprecated It is not always the id of a request: use `lastSegment`. */
  readonly requestId: string;
}

/** What a topic of this protocol is made of, less the namespace. */
type Address = Pick<TopicParts, "subsystem" | "type" | "target" | "lastSegment">;

const SEGMENTS = 5;
const REQUEST_SEGMENT = `${MessageType.REQUEST}/`;
const RESPONSE_SEGMENT = `${MessageType.RESPONSE}/`;
const DEFAULT_NAMESPACE = "gf_int_v1";

/** The segments of a topic; none of what is no text, since callers may not be type-checked. */
const segmentsOf = (topic: unknown): readonly string[] =>
  typeof topic === "string" ? topic.split("/") : [];

/**
 * The topic that a device answers a request on: the request's own, with `request` replaced by `response`.
 *
 * @throws {TopicError} it is not the topic of a request.
 */
export const answerTopicOf = (requestTopic: string): string => {
  const typeAt = requestTopic.indexOf("/", requestTopic.indexOf("/") + 1) + 1;
  const targetAt = typeAt + REQUEST_SEGMENT.length;
  const isRequest = typeAt > 1 && requestTopic.startsWith(REQUEST_SEGMENT, typeAt);
  if (!isRequest || !requestTopic.includes("/", targetAt)) {
    const expected = "expected {namespace}/{subsystem}/request/{target}/{request id}";
    throw new TopicError("request topic", requestTopic, expected);
  }
  const topic = `${requestTopic.slice(0, typeAt)}${MessageType.RESPONSE}/${requestTopic.slice(targetAt)}`;
  assertTopicName(topic);
  return topic;
};

/** The topic of the request that is answered on a topic; undefined where no request is. */
export const requestTopicOf = (responseTopic: string): string | undefined => {
  const typeAt = responseTopic.indexOf("/", responseTopic.indexOf("/") + 1) + 1;
  if (typeAt <= 1 || !responseTopic.startsWith(RESPONSE_SEGMENT, typeAt)) return undefined;
  const targetAt = typeAt + RESPONSE_SEGMENT.length;
  return `${responseTopic.slice(0, typeAt)}${REQUEST_SEGMENT}${responseTopic.slice(targetAt)}`;
};

/**
 * Builds and reads topics: `{namespace}/{subsystem}/{type}/{target}/{last}`.
 * @example
 * const topics = new TopicManager();
 * topics.buildRequestFilter("2D_XX_0_9999"); // "gf_int_v1/+/request/2D_XX_0_9999/+"
 */
export class TopicManager {
  /** The first segment of every topic that is built. */
  readonly namespace: string;

  /**
   * @param namespace - the first segment; default `gf_int_v1`.
   * @throws {TopicError} the namespace is not a single segment.
   */
  constructor(namespace: string = DEFAULT_NAMESPACE) {
    assertSegment(namespace, "namespace");
    if (namespace.startsWith("$")) {
      // Subscribing with wildcards would be a shared subscription, or find nothing (MQTT 5 §4.7.2).
      throw new TopicError("namespace", namespace, "must not start with $, which brokers reserve");
    }
    this.namespace = namespace;
  }

  /**
   * The topic that a request is published on.
   *
   * @throws {TopicError} an argument is not a single segment, or the whole is too long.
   * @example
   * topics.buildRequestTopic("2D_XX_0_9999", "axuv", "1"); // "gf_int_v1/axuv/request/2D_XX_0_9999/1"
   */
  buildRequestTopic(targetDeviceTag: string, subsystem: string, lastSegment: string): string {
    return this.#build({
      subsystem,
      type: MessageType.REQUEST,
      target: targetDeviceTag,
      lastSegment,
    });
  }

  /**
   * The topic that the response to a request is published on.
   *
   * @param requestTopic - the topic that the request came on.
   * @param targetDeviceTag - the device that answers; default: the one in the request's topic.
   * @throws {TopicError} the request's topic has fewer than five segments, or one of them is not
   * fit to be published on.
   * @example
   * topics.buildResponseTopic("gf_int_v1/axuv/request/d/1"); // "gf_int_v1/axuv/response/d/1"
   */
  buildResponseTopic(requestTopic: string, targetDeviceTag?: string): string {
    const parts = this.getParts(requestTopic);
    if (parts === undefined) {
      throw new TopicError("request topic", requestTopic, `expected ${SEGMENTS} segments or more`);
    }
    const { subsystem, target, lastSegment } = parts;
    const type = MessageType.RESPONSE;
    return this.#build({ subsystem, type, target: targetDeviceTag ?? target, lastSegment });
  }

  /**
   * The topic filter for all requests to a device.
   *
   * @param subsystem - default: any.
   * @throws {TopicError} an argument is not a single segment, or the whole is too long.
   * @example
   * topics.buildRequestFilter("d", "axuv"); // "gf_int_v1/axuv/request/d/+"
   */
  buildRequestFilter(targetDeviceTag: string, subsystem?: string): string {
    assertSegment(targetDeviceTag, "target device tag");
    if (subsystem !== undefined) assertSegment(subsystem, "subsystem");
    const filter = `${this.namespace}/${subsystem ?? "+"}/${MessageType.REQUEST}/${targetDeviceTag}/+`;
    assertTopicFilter(filter);
    return filter;
  }

  /**
   * The topic filter for all responses, of any device and subsystem, whose topic ends in
   * `lastSegment`.
   *
   * @throws {TopicError} that is not a single segment, or the whole is too long.
   * @example
   * topics.buildResponseFilter("1"); // "gf_int_v1/+/response/+/1"
   */
  buildResponseFilter(lastSegment: string): string {
    assertSegment(lastSegment, "last segment");
    const filter = `${this.namespace}/+/${MessageType.RESPONSE}/+/${lastSegment}`;
    assertTopicFilter(filter);
    return filter;
  }

  /**
   * The identifier of the device in a topic; `undefined` if the topic has fewer than four segments.
   * @example
   * topics.getTargetDeviceTagFromTopic("gf_int_v1/axuv/request/d/1"); // "d"
   */
  getTargetDeviceTagFromTopic(topic: string): string | undefined {
    return segmentsOf(topic)[3];
  }

  /**
   * The segments of a topic of any namespace; `undefined` if there are fewer than five.
   * @example
   * topics.getParts("gf_int_v1/axuv/request/d/1")?.subsystem; // "axuv"
   */
  getParts(topic: string): TopicParts | undefined {
    const segments = segmentsOf(topic);
    if (segments.length < SEGMENTS) return undefined;
    const [namespace = "", subsystem = "", type = "", target = ""] = segments;
    const lastSegment = segments.at(-1) ?? "";
    // oxlint-disable-next-line typescript/no-deprecated -- kept for those who read it
    return { namespace, subsystem, type, target, lastSegment, requestId: lastSegment };
  }

  #build({ subsystem, type, target, lastSegment }: Address): string {
    assertSegment(subsystem, "subsystem");
    assertSegment(target, "target device tag");
    assertSegment(lastSegment, "last segment");
    const topic = `${this.namespace}/${subsystem}/${type}/${target}/${lastSegment}`;
    assertTopicName(topic);
    return topic;
  }
}
