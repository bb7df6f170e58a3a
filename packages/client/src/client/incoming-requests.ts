import type { Arrival } from "../handlers/message-handler.ts";
import type { MessageRunner } from "../handlers/runner.ts";
import type { InvalidRequest } from "../protocol/payload-kind.ts";
import { nestingFault } from "../json/decode.ts";
import { excerptHeader } from "../protocol/header-excerpt.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import { ResponseCode, isResponseCode } from "../errors/response-code.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { IncomingMessage } from "../transport/transport.ts";
import type { ClientSettings } from "./options/settings.ts";
import { Drain } from "./drain.ts";
import { requestKey } from "./repeats.ts";
import type { Handled, Repeats } from "./repeats.ts";
import type { Answer, AnsweredRequest, Responder } from "./responder.ts";
import type { Counters } from "./statistics.ts";
import type { UserFilters } from "./user-filters.ts";
import type { WorkQueue } from "./work-queue.ts";

/** What incoming requests are served with. */
export interface IncomingRequestsOptions {
  readonly settings: Pick<ClientSettings, "clock" | "debug" | "logger" | "maxPayloadBytes">;
  readonly runner: MessageRunner;
  readonly responder: Pick<Responder, "respondError" | "respondAgain">;
  readonly repeats: Repeats;
  readonly filters: UserFilters;
  /** Shared with other messages: one bound for all that handlers work on. */
  readonly queue: WorkQueue;
  readonly counters: Counters;
}

type Header = AnsweredRequest["header"];

/** The part of a message that outlives its reading: its bytes do not. */
interface Received extends Pick<IncomingMessage, "topic" | "qos"> {
  readonly handled: Handled;
  /** Until when it is wanted, in monotonic ms; undefined where that is not known. */
  readonly expiresAt: number | undefined;
}

/** Runs incoming requests through the handlers, a bounded number at once, and answers when that goes wrong. */
export class IncomingRequests {
  readonly #options: IncomingRequestsOptions;
  readonly #drain: Drain;

  constructor(options: IncomingRequestsOptions) {
    this.#options = options;
    this.#drain = new Drain(options.settings.clock);
  }

  /** Forgets the requests that are not answered: those that wait for their handlers never will be. */
  clear(): void {
    this.#options.repeats.clear();
    this.#drain.end();
  }

  /**
   * From now on, requests are answered 503 at once, which tells their senders to come back: cheaper than to
   * unsubscribe, and they need not wait for their deadline. Ends when all that were taken are done, at the latest
   * after `drainMs`; does not begin where there are none.
   */
  beginDrain(drainMs: number): void {
    if (drainMs === 0) this.#drain.end();
    else if (this.#options.repeats.running > 0) this.#drain.begin(drainMs);
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
    const { header } = payload;
    const handled = this.#begin(message, header);
    if (handled === undefined) return;
    const received: Received = { topic, qos, handled, expiresAt: this.#expiry(message) };
    if (this.#drain.isOn) {
      this.#putOff(received, header, "the device is disconnecting; try again later");
      return;
    }
    const run = (): Promise<void> => this.#handle(received, payload);
    if (queue.offer({ run, bytes: message.payload.byteLength })) {
      counters.requestsReceived += 1;
      return;
    }
    this.#putOff(received, header, "too many requests wait; try again later");
  }

  #putOff(received: Received, header: Header, body: string): void {
    const { counters, settings, repeats } = this.#options;
    const { topic, handled } = received;
    counters.overloaded += 1;
    settings.logger?.warn(
      { topic, requestId: header["request_id"], why: body },
      "refused a request",
    );
    this.#respondError(received, header, { code: ResponseCode.SERVICE_UNAVAILABLE, body });
    repeats.end(handled, false);
  }

  /** Answers a request that is too large to be read, as far as it tells who asks. */
  refuseOversized(message: IncomingMessage): void {
    const { counters, settings } = this.#options;
    const { topic, payload } = message;
    const bytes = payload.byteLength;
    const header = excerptHeader(payload);
    const tell = (): void => {
      counters.oversizedRequests += 1;
      const requestId = header?.request_id;
      settings.logger?.warn({ topic, requestId, bytes }, "refused a request that is too large");
    };
    if (header === undefined) {
      tell();
      return;
    }
    const most = String(settings.maxPayloadBytes);
    const body = `the request has ${String(bytes)} bytes; at most ${most} are taken`;
    this.#refuse(message, header, { code: ResponseCode.REQUEST_ENTITY_TOO_LARGE, body, tell });
  }

  /** Answers a request that nests too deep to be read, if this client serves requests at all. */
  refuseTooDeep(message: IncomingMessage, maxDepth: number): void {
    const header = this.#options.runner.hasIncoming ? excerptHeader(message.payload) : undefined;
    if (header === undefined) return;
    this.#refuse(message, header, { code: ResponseCode.BAD_REQUEST, body: nestingFault(maxDepth) });
  }

  /** Answers a request that no handler is to see, as one that has been handled. */
  #refuse(
    message: IncomingMessage,
    header: Header,
    { tell, ...answer }: Answer & { readonly tell?: () => void },
  ): void {
    const handled = this.#begin(message, header);
    if (handled === undefined) return;
    tell?.();
    this.#respondError(message, header, answer);
    this.#options.repeats.end(handled, false);
  }

  #respondError(
    request: Pick<IncomingMessage, "topic" | "qos">,
    header: Header,
    answer: Answer,
  ): void {
    void this.#options.responder.respondError(request, header, answer);
  }

  /**
   * Takes a request that is to be handled. The same again gets the answer of its first run, or waits for it: the
   * broker sent it again (MQTT 5 §4.4), its requester did, or several filters match (MQTT 5 §3.3.4).
   */
  #begin({ topic }: IncomingMessage, header: Header): Handled | undefined {
    const { counters, settings, repeats, responder, filters } = this.#options;
    const requestId = header["request_id"];
    const verdict = repeats.begin(requestKey(topic, requestId), header, filters.copiesOn(topic));
    if (typeof verdict === "object" && "key" in verdict) return verdict;
    counters.duplicateRequests += 1;
    if (verdict === "drop") {
      settings.logger?.debug({ topic, requestId }, "dropped a request that was delivered twice");
    } else {
      settings.logger?.debug({ topic, requestId }, "answered a repeated request as the first time");
      void responder.respondAgain(topic, verdict);
    }
    return undefined;
  }

  #expiry({ expiryMs }: IncomingMessage): number | undefined {
    return expiryMs === undefined
      ? undefined
      : this.#options.settings.clock.monotonicMs() + expiryMs;
  }

  /** How long a request that has waited for its turn is still wanted. */
  #arrival({ expiresAt }: Received): Arrival | undefined {
    if (expiresAt === undefined) return undefined;
    return { remainingMs: Math.max(0, expiresAt - this.#options.settings.clock.monotonicMs()) };
  }

  async #handle(request: Received, payload: RequestPayload): Promise<void> {
    const { runner, responder, settings, repeats } = this.#options;
    const { topic, handled } = request;
    const { request_id: requestId, method, path } = payload.header;
    settings.debug?.({ topic, requestId, method, path }, "received a request");
    let isWanted = true;
    try {
      isWanted = await runner.runRequest(topic, payload, this.#arrival(request));
      if (!isWanted) settings.logger?.debug({ topic }, "no handler wanted a request");
    } catch (error) {
      await responder.respondError(request, payload.header, this.#answerTo(topic, error));
    } finally {
      repeats.end(handled, isWanted);
      if (repeats.running === 0) this.#drain.end();
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
    this.#refuse(message, header, { code, body });
  }
}
