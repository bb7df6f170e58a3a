import type { Exchange, UnwantedResponse } from "../exchange/exchange.ts";
import type { ClaimedResponse, GroupExchange } from "../exchange/group-exchange.ts";
import type { ResponseRouting } from "../exchange/response-routing.ts";
import { raiseErrorCode } from "../handlers/runner.ts";
import type { MessageRunner } from "../handlers/runner.ts";
import { arrivingFormat } from "../protocol/content-format.ts";
import type { ContentFormat } from "../protocol/content-format.ts";
import { readArriving } from "../protocol/payload-kind.ts";
import { PayloadValidationError } from "../errors/input-errors.ts";
import { MessageType } from "../protocol/message-type.ts";
import { STATUS_SEGMENT } from "../protocol/status.ts";
import type { ClientSettings } from "./options/settings.ts";
import {
  findInexactInteger,
  decodeUtf8,
  parseJson,
  nestingFault,
  nestsDeeperThan,
} from "../json/decode.ts";
import type { Payload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import type { ResponseContext } from "../protocol/response-error.ts";
import type { IncomingMessage } from "../transport/transport.ts";
import type { IncomingRequests } from "./incoming-requests.ts";
import type { Presence } from "./presence/presence.ts";
import type { Counters } from "./statistics.ts";
import type { UserFilters } from "./user-filters.ts";
import type { WorkQueue } from "./work-queue.ts";

/** What a dispatcher works with. */
export interface DispatcherOptions {
  readonly settings: Pick<
    ClientSettings,
    "contentFormats" | "debug" | "logger" | "maxNestingDepth" | "maxPayloadBytes" | "topics"
  >;
  readonly runner: MessageRunner;
  readonly exchange: Exchange;
  readonly routing: Pick<ResponseRouting, "learnFormat">;
  readonly groups: GroupExchange<ResponsePayload>;
  readonly requests: IncomingRequests;
  readonly filters: UserFilters;
  readonly presence: Pick<Presence, "takes" | "answers" | "hears">;
  /** Shared with the requests: one bound for all that handlers work on. */
  readonly queue: WorkQueue;
  readonly counters: Counters;
}

type Claimed = ClaimedResponse<ResponsePayload>;

const COUNTER_OF = {
  duplicate: "duplicateResponses",
  late: "lateResponses",
  unsolicited: "unsolicitedResponses",
} as const satisfies Record<UnwantedResponse, keyof Counters>;

/** Takes every message that arrives to whoever it is for. Nothing that a peer sends makes it throw. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  #hasWarnedOfRetained = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  readonly receive = (message: IncomingMessage): void => {
    const { topic } = message;
    try {
      // Whatever its form: a request there would be no request.
      if (topic.endsWith(STATUS_SEGMENT) && this.#options.presence.takes(message)) return;
      if (!this.#isRefusedUnread(message)) this.#sort(message);
    } catch (error) {
      const { counters, settings } = this.#options;
      counters.invalidMessages += 1;
      // What a parser says of a text, behind the colon, quotes it, and payloads do not belong in a log.
      const issue = error instanceof PayloadValidationError ? error.issues[0]?.message : undefined;
      const fault = issue === undefined ? error : issue.split(":")[0];
      const bytes = message.payload.byteLength;
      settings.logger?.warn(
        { topic, bytes, error: fault },
        "dropped a message that cannot be read",
      );
    }
  };

  /** What is told by topic, length and flags alone, before any of it is decoded. */
  #isRefusedUnread(message: IncomingMessage): boolean {
    const { settings, requests } = this.#options;
    const isOversized = message.payload.byteLength > settings.maxPayloadBytes;
    if (!isOversized && !message.retain) return false;
    const parts = settings.topics.getParts(message.topic);
    const { namespace } = settings.topics;
    if (parts?.type !== MessageType.REQUEST || parts.namespace !== namespace) return false;
    if (message.retain) this.#refuseRetained(message.topic);
    else requests.refuseOversized(message);
    return true;
  }

  /** The broker keeps it for every new subscription: carried out, it would be at every connect (MQTT 5 §3.3.1.3). */
  #refuseRetained(topic: string): void {
    const { counters, settings } = this.#options;
    counters.invalidMessages += 1;
    const level = this.#hasWarnedOfRetained ? "debug" : "warn";
    this.#hasWarnedOfRetained = true;
    settings.logger?.[level](
      { topic },
      "dropped a retained message: a request must not be retained; clear it at the broker",
    );
  }

  #sort(message: IncomingMessage): void {
    const { requests, counters, settings, presence } = this.#options;
    const { topic } = message;
    const { contentFormats, maxNestingDepth } = settings;
    const format =
      contentFormats.length === 0 ? undefined : arrivingFormat(contentFormats, message.payload);
    const value =
      format === undefined
        ? this.#readJson(message)
        : format.decode(message.payload, maxNestingDepth);
    const arriving = readArriving(value, topic);
    switch (arriving.kind) {
      case "request":
        if (!presence.answers(message, arriving.payload)) requests.serve(message, arriving.payload);
        return;
      case "response":
        this.#takeResponse(message, arriving.payload, format);
        return;
      case "general":
        this.#observe(message, arriving.payload);
        return;
      case "invalid-request":
        requests.refuse(message, arriving);
        return;
      case "invalid":
        counters.invalidMessages += 1;
        settings.logger?.warn(
          { topic, at: arriving.issues.map(({ path }) => path) },
          "dropped a message of no known form",
        );
    }
  }

  #readJson(message: IncomingMessage): unknown {
    const { requests, settings } = this.#options;
    const { maxNestingDepth } = settings;
    const text = decodeUtf8(message.payload);
    this.#noticeInexact(message.topic, text);
    if (nestsDeeperThan(text, maxNestingDepth)) {
      requests.refuseTooDeep(message, maxNestingDepth);
      throw new PayloadValidationError("payload", [
        { path: "", message: nestingFault(maxNestingDepth) },
      ]);
    }
    // Looked at above: large texts need not be looked at twice.
    return parseJson(text, Infinity);
  }

  #noticeInexact(topic: string, text: string): void {
    if (findInexactInteger(text) === undefined) return;
    this.#options.counters.inexactNumbers += 1;
    this.#options.settings.logger?.warn({ topic }, "an integer beyond 2^53 lost precision");
  }

  #takeResponse(
    message: IncomingMessage,
    payload: ResponsePayload,
    format: ContentFormat | undefined,
  ): void {
    const { exchange, groups, filters, counters, settings, presence } = this.#options;
    const { topic } = message;
    const requestId = payload.header.request_id;
    const { source } = payload.header;
    const found = exchange.claim(requestId, topic);
    if (settings.contentFormats.length > 0 && typeof found === "object") {
      this.#options.routing.learnFormat(found.call, format);
    }
    const claimed =
      found === "unsolicited" ? (groups.claim(requestId, source, message) ?? found) : found;
    if (typeof claimed === "object") {
      counters[claimed === found ? "responsesReceived" : "groupResponsesReceived"] += 1;
      const { response_code: code } = payload.header;
      settings.debug?.({ topic, requestId, code }, "received a response");
      this.#settle(claimed, topic, payload);
    } else if (claimed === "unsolicited" && filters.matches(topic)) {
      this.#observe(message, payload);
    } else if (claimed !== "unsolicited" || !presence.hears(topic, payload)) {
      counters[COUNTER_OF[claimed]] += 1;
      settings.logger?.debug(
        { topic, requestId, reason: claimed },
        "dropped a response nobody waits for",
      );
    }
  }

  #settle(request: Claimed, topic: string, response: ResponsePayload): void {
    const { source, target, method } = request.call;
    const context = { source, target, method };
    if (this.#options.runner.hasIncoming) {
      void this.#settleThroughHandlers(request, topic, { response, context });
      return;
    }
    try {
      raiseErrorCode(response, context);
      request.succeed(response);
    } catch (error) {
      request.fail(error);
    }
  }

  async #settleThroughHandlers(
    request: Claimed,
    topic: string,
    { response, context }: { response: ResponsePayload; context: ResponseContext },
  ): Promise<void> {
    try {
      request.succeed(await this.#options.runner.runResponse(topic, response, context));
    } catch (error) {
      request.fail(error);
    }
  }

  /** Shows the handlers a message that nobody waits for. */
  #observe(message: IncomingMessage, payload: Payload): void {
    const { runner, queue, counters, settings } = this.#options;
    if (!runner.hasIncoming) return;
    const { topic } = message;
    const run = (): Promise<void> => runner.runGeneral(topic, payload);
    if (queue.offer({ run, bytes: message.payload.byteLength })) return;
    counters.overloaded += 1;
    settings.logger?.warn({ topic }, "dropped a message: too many wait for the handlers");
  }
}
