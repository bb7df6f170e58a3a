import type { Connection } from "../connection/connection.ts";
import { ResponseCode } from "../errors/response-code.ts";
import { OptionError, PayloadValidationError } from "../errors/input-errors.ts";
import { valueText } from "../errors/value-text.ts";
import { encodeJson } from "../json/encode.ts";
import { isJsonObject } from "../json/object.ts";
import { acceptedFormat } from "../protocol/content-format.ts";
import { MessageType } from "../protocol/message-type.ts";
import { answerTopicOf } from "../protocol/topic.ts";
import type { IncomingMessage, PublishOutcome, QoS } from "../transport/transport.ts";
import type { WaitOptions } from "./options/call-options.ts";
import { operationDeadline } from "./options/call-options.ts";
import type { ClientSettings } from "./options/settings.ts";
import { requestKey } from "./repeats.ts";
import type { Repeats, SentAnswer } from "./repeats.ts";
import type { UserFilters } from "./user-filters.ts";

/** What a device says in answer to a request. */
export interface Answer {
  readonly code: ResponseCode;
  /** Any JSON value. */
  readonly body: unknown;
  /** Where a created resource is, with 201 (RFC 7252 §5.10.7). */
  readonly location?: string | undefined;
  /** Further header fields. */
  readonly headerFields?: Readonly<Record<string, unknown>> | undefined;
}

/** The request that is answered: its topic and its header, as they came. */
export interface AnsweredRequest {
  readonly topic: string;
  readonly header: Readonly<Record<string, unknown>>;
}

/** How an answer is sent. */
export interface AnswerOptions extends WaitOptions {
  readonly qos: QoS;
}

const refuseRequest = (path: string, message: string): PayloadValidationError =>
  new PayloadValidationError("request to respond to", [{ path, message }]);

/**
 * The header of what is given as the request to answer; callers may not be type-checked.
 *
 * @throws {PayloadValidationError} it is not what a handler gets: no header, or none with an id.
 */
export const answeredHeader = (request: unknown): AnsweredRequest["header"] => {
  const header = isJsonObject(request) ? request["header"] : undefined;
  if (!isJsonObject(header)) {
    throw refuseRequest("", `expected the request that a handler got, got ${valueText(request)}`);
  }
  const { request_id: requestId } = header;
  if (typeof requestId === "string" && requestId !== "") return header;
  const expected = "expected the id of the request that a handler got";
  throw refuseRequest("header.request_id", `${expected}, got ${valueText(requestId)}`);
};

/** What only the library sets; a `method` would make a request of the response. */
const OWN_FIELDS = ["request_id", "path", "correlation_id", "source", "response_code", "method"];

/**
 * Further fields of a response's header, as a caller gives them.
 *
 * @throws {OptionError} they are no object, or one of them is for the library to set.
 */
export const readHeaderFields = (header: unknown): Answer["headerFields"] => {
  if (header === undefined) return undefined;
  if (!isJsonObject(header)) throw new OptionError("header", header, "an object of header fields");
  const own = OWN_FIELDS.find((field) => field in header);
  if (own === undefined) return header;
  throw new OptionError(`header.${own}`, header[own], "to be left out: the library sets it");
};

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** What a responder works with. */
export interface ResponderOptions {
  readonly settings: ClientSettings;
  readonly connection: Pick<Connection, "publish">;
  readonly filters: Pick<UserFilters, "isGroup" | "serves">;
  readonly repeats: Repeats;
}

/** Builds and sends every response of this client: those of its handlers and those to what went wrong in them. */
export class Responder {
  readonly #options: ResponderOptions;
  /** Answers that wait for the link or the broker: however often they are asked for meanwhile, once is enough. */
  readonly #onTheirWay = new Set<SentAnswer>();

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /**
   * The response payload, in the format that the request asks for, or as JSON. The request's ids are copied as they
   * came, even where they are no UUIDs: a peer that makes its own ids must recognise them.
   */
  #encode(answer: Answer, asked: AnsweredRequest["header"], qos: QoS): SentAnswer {
    const { request_id, path, correlation_id } = asked;
    const { code, body, location, headerFields: further } = answer;
    const { clock, identifier: source, contentFormats } = this.#options.settings;
    const header = {
      request_id,
      path: textOrNull(path) ?? "",
      correlation_id: textOrNull(correlation_id),
      source,
      response_code: code,
      location: location ?? further?.["location"],
    };
    const response = {
      timestamp: clock.epochMs(),
      body: body ?? null,
      header: further === undefined ? header : { ...further, ...header },
    };
    const format =
      contentFormats.length === 0 ? undefined : acceptedFormat(contentFormats, asked["accept"]);
    const payload = (format?.encode ?? encodeJson)(response, "response");
    return { payload, contentType: format?.mediaType, qos };
  }

  /** The same for an answer that must not fail: what cannot be said is left out, the code tells enough. */
  #encodeError(answer: Answer, header: AnsweredRequest["header"], qos: QoS): SentAnswer {
    try {
      return this.#encode(answer, header, qos);
    } catch {
      return this.#encode({ ...answer, body: null }, header, qos);
    }
  }

  /**
   * Answers a request. Delivery as with `publish()`; an outcome that is there at once comes at once.
   *
   * @throws {TopicError} the topic is not that of a request.
   * @throws {PayloadValidationError} JSON would spoil the body.
   */
  respond(
    { topic: requestTopic, header }: AnsweredRequest,
    answer: Answer,
    options: AnswerOptions,
  ): PublishOutcome | Promise<PublishOutcome> {
    const sent = this.#encode(answer, header, options.qos);
    const topic = answerTopicOf(requestTopic);
    const { repeats } = this.#options;
    this.#tell(requestTopic, header, answer);
    const sending = this.#publish(topic, sent, options);
    const key = requestKey(requestTopic, header["request_id"]);
    const kept = repeats.keep(key, { header, code: answer.code }, sent);
    return repeats.follow(kept, sending);
  }

  /**
   * Answers a request that went wrong, if this client serves its target: a monitor must not answer for
   * others. A request that has its answer gets no other. Never rejects.
   */
  async respondError(
    request: Pick<IncomingMessage, "topic" | "qos">,
    header: AnsweredRequest["header"],
    answer: Answer,
  ): Promise<void> {
    const { settings, repeats } = this.#options;
    const { topic, qos } = request;
    const parts = settings.topics.getParts(topic);
    if (parts?.type !== MessageType.REQUEST || !this.#answersFor(parts.target, answer.code)) return;
    const key = requestKey(topic, header["request_id"]);
    if (repeats.isAnswered(key, header)) return;
    let sent: SentAnswer;
    try {
      sent = this.#encodeError(answer, header, qos);
    } catch (error) {
      // Its header holds what no answer can carry back, half a surrogate pair for instance.
      settings.logger?.warn({ topic, error }, "could not answer a request");
      return;
    }
    repeats.keep(key, { header, code: answer.code }, sent);
    this.#tell(topic, header, answer);
    await this.respondAgain(topic, sent);
  }

  #tell(
    topic: string,
    { request_id: requestId }: AnsweredRequest["header"],
    { code }: Answer,
  ): void {
    this.#options.settings.debug?.({ topic, requestId, code }, "sending a response");
  }

  /** Of a group, only those answer who have what is asked for. */
  #answersFor(target: string, code: ResponseCode): boolean {
    const { filters } = this.#options;
    if (!filters.isGroup(target)) return filters.serves(target);
    return code !== ResponseCode.NOT_FOUND && code !== ResponseCode.METHOD_NOT_ALLOWED;
  }

  /** Sends an answer as it was made for a request, unless it is on its way. Never rejects. */
  async respondAgain(requestTopic: string, answer: SentAnswer): Promise<void> {
    if (this.#onTheirWay.has(answer)) return;
    try {
      const outcome = this.#publish(answerTopicOf(requestTopic), answer, {});
      if (typeof outcome !== "object") return;
      this.#onTheirWay.add(answer);
      await outcome;
    } catch (error) {
      const { logger } = this.#options.settings;
      logger?.warn({ topic: requestTopic, error }, "could not send an answer");
    } finally {
      this.#onTheirWay.delete(answer);
    }
  }

  #publish(
    topic: string,
    { payload, contentType, qos }: SentAnswer,
    options: WaitOptions,
  ): PublishOutcome | Promise<PublishOutcome> {
    const { settings, connection } = this.#options;
    const deadline = operationDeadline(settings, options, `publish to ${topic}`);
    return connection.publish({ topic, payload, contentType, qos, retain: false }, deadline);
  }
}
