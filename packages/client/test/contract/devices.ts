import { TopicManager } from "../../src/index.ts";
import type {
  RequestOptions,
  RequestPayload,
  ResponseCode,
  ResponsePayload,
} from "../../src/index.ts";
import type { Awaitable, ContractClient } from "./client-under-test.ts";
import type { Stage } from "./stage.ts";

/** What a device says to a request. */
export interface Answer {
  /** Default 205. */
  readonly code?: ResponseCode | (number & {});
  /** Default null. */
  readonly body?: unknown;
  /** Further header fields, or others than the usual. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A request with the topic it came on. */
export interface Asked {
  readonly topic: string;
  readonly request: RequestPayload;
}

const topics = new TopicManager();

/** The topic on which a request is answered. */
export const responseTopicOf = (topic: string): string => {
  const { namespace } = topics.getParts(topic) ?? {};
  return new TopicManager(namespace).buildResponseTopic(topic);
};

/** The payload of the response to a request. */
export const responseTo = (
  { header }: RequestPayload,
  { code = 205, body = null, header: further = {} }: Answer = {},
): ResponsePayload => ({
  header: {
    request_id: header.request_id,
    path: header.path,
    ...(header.correlation_id !== undefined && { correlation_id: header.correlation_id }),
    response_code: code,
    ...further,
  },
  body,
  timestamp: 1_745_534_869_619,
});

/** Answers a request. */
export const answer = (
  device: ContractClient,
  { topic, request }: Asked,
  given?: Answer,
): Awaitable<void> => device.publish(responseTopicOf(topic), responseTo(request, given));

/** Makes a client answer every request that comes, with what `respond` gives; not where that is undefined. */
export const serve = (
  stage: Stage,
  device: ContractClient,
  respond: (request: RequestPayload, topic: string) => Answer | undefined,
): void => {
  const process = (
    client: ContractClient,
    topic: string,
    request: RequestPayload,
  ): Awaitable<void> => {
    const given = respond(request, topic);
    return given === undefined ? undefined : answer(client, { topic, request }, given);
  };
  device.addMessageHandler(new stage.handlers.RequestHandlerBase({ process }));
};

/** Makes a client answer every request with its body. */
export const serveEcho = (stage: Stage, device: ContractClient): void =>
  serve(stage, device, ({ body }) => ({ body }));

/** A plain request to a device. */
export const gains = (device: Pick<ContractClient, "identifier">): RequestOptions => ({
  targetDeviceTag: device.identifier,
  subsystem: "axuv",
  path: "gains",
});
