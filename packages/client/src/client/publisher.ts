import type { Connection } from "../connection/connection.ts";
import { ResponseCode } from "../errors/response-code.ts";
import { encodeJson } from "../json/encode.ts";
import { booleanValue, codeValue, orDefault, refuseUnknownOptions } from "../options/checks.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import { readSendable } from "../protocol/sendable.ts";
import { requestTopicOf } from "../protocol/topic.ts";
import { assertTopicName } from "../protocol/topic-name.ts";
import {
  operationDeadline,
  PUBLISH_OPTION_NAMES,
  RESPOND_OPTION_NAMES,
  qosValue,
} from "./options/call-options.ts";
import type { PublishOptions, RespondOptions } from "./options/call-options.ts";
import type { ClientSettings } from "./options/settings.ts";
import { requestKey } from "./repeats.ts";
import type { Handled, Repeats, SentAnswer } from "./repeats.ts";
import { answeredHeader, readHeaderFields } from "./responder.ts";
import type { Responder } from "./responder.ts";

/** What a publisher works with. */
export interface PublisherOptions {
  readonly settings: ClientSettings;
  readonly connection: Pick<Connection, "publish">;
  readonly responder: Responder;
  readonly repeats: Repeats;
}

/** Checks and sends what the user publishes: messages, and answers to requests. */
export class Publisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** See `MQTTClient.publish`. */
  async publish(topic: string, payload: object, options: PublishOptions): Promise<void> {
    refuseUnknownOptions(options, PUBLISH_OPTION_NAMES, "publish()");
    assertTopicName(topic);
    const { settings, connection } = this.#options;
    const sendable = readSendable(payload);
    const text = encodeJson(sendable, "payload");
    const qos = qosValue("qos", orDefault(options.qos, settings.qosDefault));
    const retain = booleanValue("retain", orDefault(options.retain, false));
    const deadline = operationDeadline(settings, options, `publish to ${topic}`);
    const { header } = sendable;
    const kept =
      header && this.#keepAnswer(topic, header, { payload: text, contentType: undefined, qos });
    const sending = connection.publish({ topic, payload: text, qos, retain }, deadline);
    const outcome = this.#options.repeats.follow(kept, sending);
    if (typeof outcome === "object") await outcome;
  }

  /** What is published as the answer to a request is kept like one that is given with `respond()`. */
  #keepAnswer(topic: string, header: object, answer: SentAnswer): Handled | undefined {
    const requestTopic = requestTopicOf(topic);
    if (requestTopic === undefined || !("request_id" in header)) return undefined;
    const code = "response_code" in header ? header.response_code : undefined;
    const asked = { path: "path" in header ? header.path : undefined };
    const key = requestKey(requestTopic, header.request_id);
    return this.#options.repeats.keep(key, { header: asked, code }, answer);
  }

  /** See `MQTTClient.respond`. */
  async respond(
    requestTopic: string,
    payload: RequestPayload,
    options: RespondOptions,
  ): Promise<void> {
    refuseUnknownOptions(options, RESPOND_OPTION_NAMES, "respond()");
    const { settings, responder } = this.#options;
    const { body, location, timeoutMs, signal } = options;
    const code = codeValue("code", orDefault(options.code, ResponseCode.CONTENT));
    const qos = qosValue("qos", orDefault(options.qos, settings.qosDefault));
    const request = { topic: requestTopic, header: answeredHeader(payload) };
    const answer = { code, body, location, headerFields: readHeaderFields(options.header) };
    const outcome = responder.respond(request, answer, { qos, timeoutMs, signal });
    if (typeof outcome === "object") await outcome;
  }
}
