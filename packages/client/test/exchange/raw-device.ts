import mqtt from "mqtt";
import type { IPublishPacket, MqttClient } from "mqtt";
import type { RequestPayload } from "../../src/index.ts";
import { Arrivals } from "../contract/arrivals.ts";

/** A request as a device sees it. */
export interface Asked {
  readonly topic: string;
  readonly request: RequestPayload;
  /** The MQTT 5 response topic. */
  readonly responseTopic: string | undefined;
}

/** The topics on which a device answers a request, in order: one answer on each. */
export type AnswersOn = (asked: Asked) => readonly string[];

/** The response topic of a request that ends in `last`. */
const answerTopic = (topic: string, last?: string): string => {
  const [namespace, subsystem, , target, own] = topic.split("/");
  return [namespace, subsystem, "response", target, last ?? own].join("/");
};

/** As most devices do: the request's own topic, with another type. */
export const onRequestTopic: AnswersOn = ({ topic }) => [answerTopic(topic)];
/** As some firmware does: a topic made of the header's id. */
export const onHeaderId: AnswersOn = ({ topic, request }) => [
  answerTopic(topic, request.header.request_id),
];
/** As responders do that know MQTT 5 only. */
export const onResponseTopic: AnswersOn = ({ responseTopic }) =>
  responseTopic === undefined ? [] : [responseTopic];
/** Both ways, in this order. */
export const onBoth =
  (first: AnswersOn, second: AnswersOn): AnswersOn =>
  (asked) => [...first(asked), ...second(asked)];

/** Who and where a device is. */
export interface RawDeviceOptions {
  readonly url: string;
  readonly level: 4 | 5;
  /** Its identifier, or `+` for a client that stands for all devices. */
  readonly target: string;
  readonly answersOn: AnswersOn;
  /** MQTT client id, where access rules name it; default: a random one. */
  readonly clientId?: string;
  /** Default: none. */
  readonly login?: { readonly username: string; readonly password: string };
}

/** A device on a bare MQTT client, which answers each request with its body. */
export class RawDevice {
  readonly target: string;
  /** How it answers from now on. */
  answersOn: AnswersOn;
  /** The requests that it got. */
  readonly asked: Arrivals<Asked> = new Arrivals("a request");
  readonly #client: MqttClient;

  private constructor(client: MqttClient, { target, answersOn }: RawDeviceOptions) {
    this.#client = client;
    this.target = target;
    this.answersOn = answersOn;
    client.on("error", () => {});
    client.on("message", (topic, payload, packet) => {
      this.#serve(topic, payload, packet);
    });
  }

  static async connect(options: RawDeviceOptions): Promise<RawDevice> {
    const { url, level, target, clientId, login } = options;
    const client = await mqtt.connectAsync(url, {
      reconnectPeriod: 0,
      protocolVersion: level,
      ...(clientId !== undefined && { clientId }),
      ...login,
    });
    const device = new RawDevice(client, options);
    await client.subscribeAsync(`gf_int_v1/+/request/${target}/+`);
    return device;
  }

  /** Publishes and does not wait; what one device sends arrives in order. */
  send(topic: string, payload: object): void {
    this.#client.publish(topic, JSON.stringify(payload));
  }

  async close(): Promise<void> {
    await this.#client.endAsync(!this.#client.connected);
  }

  #serve(topic: string, payload: Buffer, { properties }: IPublishPacket): void {
    const request: RequestPayload = JSON.parse(payload.toString("utf8"));
    const asked: Asked = { topic, request, responseTopic: properties?.responseTopic };
    this.asked.push(asked);
    for (const answer of this.answersOn(asked)) this.send(answer, echoOf(request, answer));
  }
}

/** The response with the body of the request; a header field of its own says on which topic it came. */
const echoOf = ({ header, body }: RequestPayload, topic: string): object => ({
  header: {
    request_id: header.request_id,
    path: header.path,
    response_code: 205,
    answered_on: topic,
  },
  body,
  timestamp: 1_745_534_869_619,
});
