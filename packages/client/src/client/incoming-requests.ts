import type { MessageRunner } from "../handlers/message-runner.ts";
import type { InvalidRequest } from "../protocol/arriving.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import { isJsonObject } from "../json/json-object.ts";
import { ResponseCode, isResponseCode } from "../errors/response-code.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { Logger } from "../runtime/logger.ts";
import { LruMap } from "../runtime/lru-map.ts";
import type { IncomingMessage } from "../transport/transport.ts";
import type { Answer, Responder } from "./responder.ts";
import type { Counters } from "./statistics.ts";
import type { UserFilters } from "./user-filters.ts";
import type { WorkQueue } from "./work-queue.ts";

/** What incoming requests are served with. */
export interface IncomingRequestsOptions {
  readonly runner: MessageRunner;
  readonly responder: Pick<Responder, "respondError">;
  readonly filters: UserFilters;
  /** Shared with other messages: one bound for all that handlers work on. */
  readonly queue: WorkQueue;
  readonly counters: Counters;
  readonly logger: Logger | undefined;
  readonly maxPayloadBytes: number;
}

const REMEMBERED_REQUESTS = 2_048;

/** Runs incoming requests through the handlers, a bounded number at once, and answers when that goes wrong. */
export class IncomingRequests {
  readonly #options: IncomingRequestsOptions;
  /** The topics of the requests being handled or waiting for it, by request id. */
  readonly #inProgress = new Map<string, string>();
  /** Requests that came lately and may come again. */
  readonly #recent = new LruMap<string, true>(REMEMBERED_REQUESTS);

  constructor(options: IncomingRequestsOptions) {
    this.#options = options;
  }

  /** Forgets which requests are being handled: those that waited for it never will be. */
  clear(): void {
    this.#inProgress.clear();
  }

  serve(message: IncomingMessage, payload: RequestPayload): void {
    const { counters, logger, maxPayloadBytes, responder } = this.#options;
    const { topic } = message;
    const requestId = payload.header.request_id;
    if (this.#isDuplicate(message, requestId)) {
      counters.duplicateRequests += 1;
      logger?.debug({ topic, requestId }, "dropped a request that was delivered twice");
      return;
    }
    const bytes = message.payload.byteLength;
    if (bytes > maxPayloadBytes) {
      counters.oversizedRequests += 1;
      logger?.warn({ topic, requestId, bytes }, "refused a request that is too large");
      const body = `the request has ${String(bytes)} bytes; at most ${String(maxPayloadBytes)} are taken`;
      const code = ResponseCode.REQUEST_ENTITY_TOO_LARGE;
      void responder.respondError(message, payload.header, { code, body });
      return;
    }
    this.#enqueue(message, payload);
  }

  #enqueue(message: IncomingMessage, payload: RequestPayload): void {
    const { counters, logger, queue, responder } = this.#options;
    const { topic } = message;
    const requestId = payload.header.request_id;
    this.#inProgress.set(requestId, topic);
    if (queue.offer(() => this.#handle(message, payload))) {
      counters.requestsReceived += 1;
      return;
    }
    this.#inProgress.delete(requestId);
    counters.overloaded += 1;
    logger?.warn({ topic, requestId }, "refused a request: too many wait");
    const body = "too many requests wait; try again later";
    const code = ResponseCode.SERVICE_UNAVAILABLE;
    void responder.respondError(message, payload.header, { code, body });
  }

  /**
   * The same request twice: the broker sent it again (MQTT 5 §4.4), or several of this client's filters
   * match its topic and the broker delivers a copy for each (MQTT 5 §3.3.4).
   */
  #isDuplicate(message: IncomingMessage, requestId: string): boolean {
    if (this.#inProgress.get(requestId) === message.topic) return true;
    const isOverlapping = this.#options.filters.overlapOn(message.topic);
    if (message.qos === 0 && !isOverlapping) return false;
    const key = `${message.topic} ${requestId}`;
    if ((message.duplicate || isOverlapping) && this.#recent.get(key) === true) return true;
    this.#recent.set(key, true);
    return false;
  }

  async #handle(message: IncomingMessage, payload: RequestPayload): Promise<void> {
    const { runner, logger, responder } = this.#options;
    const { topic } = message;
    try {
      const isWanted = await runner.runRequest(topic, payload);
      if (!isWanted) logger?.debug({ topic }, "no handler wanted a request");
    } catch (error) {
      await responder.respondError(message, payload.header, this.#answerTo(topic, error));
    } finally {
      this.#inProgress.delete(payload.header.request_id);
    }
  }

  #answerTo(topic: string, error: unknown): Answer {
    if (error instanceof ResponseException && isResponseCode(error.responseCode)) {
      return { code: error.responseCode, body: error.detail };
    }
    this.#options.counters.handlerErrors += 1;
    this.#options.logger?.error({ topic, error }, "a request handler threw");
    return { code: ResponseCode.INTERNAL_SERVER_ERROR, body: "internal server error" };
  }

  /** Answers a request whose header makes no sense, if this client serves requests at all. */
  refuse(message: IncomingMessage, { payload, code, issues }: InvalidRequest): void {
    const { runner, counters, logger, responder } = this.#options;
    const { topic } = message;
    counters.invalidMessages += 1;
    logger?.warn({ topic, at: issues.map(({ path }) => path) }, "refused an invalid request");
    const { header } = payload;
    if (!runner.hasIncoming || !isJsonObject(header)) return;
    const body = issues.map(({ path, message: fault }) => `${path}: ${fault}`).join("; ");
    void responder.respondError(message, header, { code, body });
  }
}
