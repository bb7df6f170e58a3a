import type { MessageRunner } from "../handlers/runner.ts";
import type { InvalidRequest } from "../protocol/payload-kind.ts";
import { nestingFault } from "../json/decode.ts";
import { excerptHeader } from "../protocol/header-excerpt.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import { ResponseCode, isResponseCode } from "../errors/response-code.ts";
import { ResponseException } from "../errors/response-exception.ts";
import { LruMap } from "../runtime/lru-map.ts";
import type { IncomingMessage } from "../transport/transport.ts";
import type { ClientSettings } from "./options/settings.ts";
import { Drain } from "./drain.ts";
import type { Answer, AnsweredRequest, Responder } from "./responder.ts";
import type { Counters } from "./statistics.ts";
import type { UserFilters } from "./user-filters.ts";
import type { WorkQueue } from "./work-queue.ts";

/** What incoming requests are served with. */
export interface IncomingRequestsOptions {
  readonly settings: Pick<ClientSettings, "clock" | "logger" | "maxPayloadBytes">;
  readonly runner: MessageRunner;
  readonly responder: Pick<Responder, "respondError">;
  readonly filters: UserFilters;
  /** Shared with other messages: one bound for all that handlers work on. */
  readonly queue: WorkQueue;
  readonly counters: Counters;
}

type Header = AnsweredRequest["header"];

/** The part of a message that outlives its reading: its bytes do not. */
interface Received extends Pick<IncomingMessage, "topic" | "qos"> {
  /** Topic and id: made once, since it is looked up several times. */
  readonly key: string;
}

const REMEMBERED_REQUESTS = 2_048;
/** A topic and id beyond that, in characters, are not remembered: peers choose both. */
const LONGEST_REMEMBERED = 1_024;
/** Copies for several filters arrive right after each other; an id that comes later, in ms, is used again. */
const COPIES_WITHIN_MS = 250;

const keyOf = (topic: string, requestId: string): string => `${topic} ${requestId}`;

/** Runs incoming requests through the handlers, a bounded number at once, and answers when that goes wrong. */
export class IncomingRequests {
  readonly #options: IncomingRequestsOptions;
  /** Topic and id of the requests being handled or waiting for it. */
  readonly #inProgress = new Set<string>();
  /** When requests came that may come again, by topic and id, in monotonic ms. */
  readonly #recent = new LruMap<string, number>(REMEMBERED_REQUESTS);
  readonly #drain: Drain;

  constructor(options: IncomingRequestsOptions) {
    this.#options = options;
    this.#drain = new Drain(options.settings.clock);
  }

  /** Forgets which requests are being handled: those that waited for it never will be. */
  clear(): void {
    this.#inProgress.clear();
    this.#drain.end();
  }

  /**
   * From now on, requests are answered 503 at once, which tells their senders to come back: cheaper than to
   * unsubscribe, and they need not wait for their deadline. Ends when all that were taken are done, at the latest
   * after `drainMs`; does not begin where there are none.
   */
  beginDrain(drainMs: number): void {
    if (drainMs === 0) this.#drain.end();
    else if (this.#inProgress.size > 0) this.#drain.begin(drainMs);
  }

  endDrain(): void {
    this.#drain.end();
  }

  /** Resolves at the end of the drain; undefined while there is none. */
  get drained(): Promise<void> | undefined {
    return this.#drain.ended;
  }

  serve(message: IncomingMessage, payload: RequestPayload): void {
    const { counters, queue } = this.#options;
    const { topic, qos } = message;
    const requestId = payload.header.request_id;
    const key = keyOf(topic, requestId);
    if (this.#dropsCopy(message, key)) return;
    if (this.#drain.isOn) {
      this.#refuse(message, payload, "the device is disconnecting; try again later");
      return;
    }
    this.#inProgress.add(key);
    const received: Received = { topic, qos, key };
    const run = (): Promise<void> => this.#handle(received, payload);
    if (queue.offer({ run, bytes: message.payload.byteLength })) {
      counters.requestsReceived += 1;
      return;
    }
    this.#inProgress.delete(key);
    this.#refuse(message, payload, "too many requests wait; try again later");
  }

  #refuse(message: IncomingMessage, { header }: RequestPayload, body: string): void {
    const { counters, settings } = this.#options;
    const { topic } = message;
    counters.overloaded += 1;
    settings.logger?.warn({ topic, requestId: header.request_id, why: body }, "refused a request");
    this.#respondError(message, header, { code: ResponseCode.SERVICE_UNAVAILABLE, body });
  }

  /** Answers a request that is too large to be read, as far as it tells who asks. */
  refuseOversized(message: IncomingMessage): void {
    const { counters, settings } = this.#options;
    const { topic, payload } = message;
    const header = excerptHeader(payload);
    if (header !== undefined && this.#dropsCopy(message, keyOf(topic, header.request_id))) return;
    counters.oversizedRequests += 1;
    const bytes = payload.byteLength;
    const requestId = header?.request_id;
    settings.logger?.warn({ topic, requestId, bytes }, "refused a request that is too large");
    if (header === undefined) return;
    const most = String(settings.maxPayloadBytes);
    const body = `the request has ${String(bytes)} bytes; at most ${most} are taken`;
    this.#respondError(message, header, { code: ResponseCode.REQUEST_ENTITY_TOO_LARGE, body });
  }

  /** Answers a request that nests too deep to be read, if this client serves requests at all. */
  refuseTooDeep(message: IncomingMessage, maxDepth: number): void {
    const header = this.#options.runner.hasIncoming ? excerptHeader(message.payload) : undefined;
    if (header === undefined) return;
    if (this.#dropsCopy(message, keyOf(message.topic, header.request_id))) return;
    const body = nestingFault(maxDepth);
    this.#respondError(message, header, { code: ResponseCode.BAD_REQUEST, body });
  }

  #respondError(
    request: Pick<IncomingMessage, "topic" | "qos">,
    header: Header,
    answer: Answer,
  ): void {
    void this.#options.responder.respondError(request, header, answer);
  }

  #dropsCopy(message: IncomingMessage, key: string): boolean {
    if (!this.#isCopy(message, key)) return false;
    const { counters, settings } = this.#options;
    counters.duplicateRequests += 1;
    const { topic } = message;
    const requestId = key.slice(topic.length + 1);
    settings.logger?.debug({ topic, requestId }, "dropped a request that was delivered twice");
    return true;
  }

  /**
   * The same request twice: the broker sent it again (MQTT 5 §4.4), or several of this client's filters
   * match its topic and the broker delivers a copy for each (MQTT 5 §3.3.4).
   */
  #isCopy({ topic, qos, duplicate }: IncomingMessage, key: string): boolean {
    if (this.#inProgress.has(key)) return true;
    const isOverlapping = this.#options.filters.overlapOn(topic);
    if ((qos === 0 && !isOverlapping) || key.length > LONGEST_REMEMBERED) return false;
    const seenAt = this.#recent.get(key);
    const now = this.#options.settings.clock.monotonicMs();
    this.#recent.set(key, now);
    if (seenAt === undefined) return false;
    return duplicate || (isOverlapping && now - seenAt < COPIES_WITHIN_MS);
  }

  async #handle(request: Received, payload: RequestPayload): Promise<void> {
    const { runner, responder, settings } = this.#options;
    const { topic } = request;
    try {
      const isWanted = await runner.runRequest(topic, payload);
      if (!isWanted) settings.logger?.debug({ topic }, "no handler wanted a request");
    } catch (error) {
      await responder.respondError(request, payload.header, this.#answerTo(topic, error));
    } finally {
      this.#inProgress.delete(request.key);
      if (this.#inProgress.size === 0) this.#drain.end();
    }
  }

  #answerTo(topic: string, error: unknown): Answer {
    if (error instanceof ResponseException && isResponseCode(error.responseCode)) {
      return { code: error.responseCode, body: error.detail };
    }
    this.#options.counters.handlerErrors += 1;
    this.#options.settings.logger?.error({ topic, error }, "a request handler threw");
    return { code: ResponseCode.INTERNAL_SERVER_ERROR, body: "internal server error" };
  }

  /** Answers a request whose header makes no sense, if this client serves requests at all. */
  refuse(message: IncomingMessage, { header, code, issues }: InvalidRequest): void {
    const { runner, counters, settings } = this.#options;
    const { topic } = message;
    // Before anything is told of it: handlers that are added in another thread thereupon come too late.
    const isServing = runner.hasIncoming;
    counters.invalidMessages += 1;
    const at = issues.map(({ path }) => path);
    settings.logger?.warn({ topic, at }, "refused an invalid request");
    if (!isServing) return;
    const body = issues.map(({ path, message: fault }) => `${path}: ${fault}`).join("; ");
    this.#respondError(message, header, { code, body });
  }
}
