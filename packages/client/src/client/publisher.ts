import type { Connection } from "../connection/connection.ts";
import { encodeJson } from "../json/encode.ts";
import { orDefault, refuseUnknownOptions } from "../options/option-names.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import { ResponseCode } from "../errors/response-code.ts";
import { assertSendable } from "../protocol/sendable.ts";
import { assertTopicName } from "../protocol/topic-name.ts";
import { answerTopicOf } from "../protocol/topic.ts";
import type { OutgoingMessage } from "../transport/transport.ts";
import { encodeAnswer } from "./answer.ts";
import { operationDeadline } from "./options/call-deadline.ts";
import { PUBLISH_OPTION_NAMES, RESPOND_OPTION_NAMES } from "./options/call-options.ts";
import type { PublishOptions, RespondOptions, WaitOptions } from "./options/call-options.ts";
import { booleanValue, codeValue } from "../options/option-checks.ts";
import type { ClientSettings } from "./options/settings.ts";
import { qosValue } from "./options/qos.ts";

/** Checks and sends what is neither a request nor an error answer. */
export class Publisher {
  readonly #settings: ClientSettings;
  readonly #connection: Connection;

  constructor(settings: ClientSettings, connection: Connection) {
    this.#settings = settings;
    this.#connection = connection;
  }

  /** Everything that `MQTTClient.publish` does. */
  async publish(topic: string, payload: object, options: PublishOptions): Promise<void> {
    refuseUnknownOptions(options, PUBLISH_OPTION_NAMES, "publish()");
    assertTopicName(topic);
    assertSendable(payload);
    const text = encodeJson(payload, "payload");
    const qos = qosValue("qos", orDefault(options.qos, this.#settings.qosDefault));
    const retain = booleanValue("retain", orDefault(options.retain, false));
    await this.#send({ topic, payload: text, qos, retain }, options);
  }

  /** Everything that `MQTTClient.respond` does. */
  async respond(
    requestTopic: string,
    { header }: RequestPayload,
    options: RespondOptions,
  ): Promise<void> {
    refuseUnknownOptions(options, RESPOND_OPTION_NAMES, "respond()");
    const { clock, qosDefault, identifier: source } = this.#settings;
    const { body, location } = options;
    const code = codeValue("code", orDefault(options.code, ResponseCode.CONTENT));
    const answering = { source, timestamp: clock.epochMs() };
    const payload = encodeAnswer({ code, body, location, header }, answering);
    const topic = answerTopicOf(requestTopic);
    const qos = qosValue("qos", orDefault(options.qos, qosDefault));
    await this.#send({ topic, payload, qos, retain: false }, options);
  }

  async #send(message: OutgoingMessage, options: WaitOptions): Promise<void> {
    const limits = operationDeadline(this.#settings, options, `publish to ${message.topic}`);
    await this.#connection.publish(message, limits);
  }
}
