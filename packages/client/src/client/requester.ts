import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { Connection } from "../connection/connection.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Call, RequestDeadline } from "../exchange/request-in-flight.ts";
import type { ResponseRouting } from "../exchange/response-routing.ts";
import type { MessageRunner } from "../handlers/runner.ts";
import { OptionError, PayloadValidationError } from "../errors/input-errors.ts";
import { isJsonObject } from "../json/object.ts";
import { encodeJson } from "../json/encode.ts";
import type { Method } from "../protocol/method.ts";
import { parseMethod } from "../protocol/method.ts";
import { orDefault, refuseUnknownOptions } from "../options/checks.ts";
import { PayloadHandler } from "../protocol/payload-handler.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { isRequestPayload } from "../protocol/payload-kind.ts";
import type { Delivery } from "../errors/response-exception.ts";
import { GatewayTimeoutResponse } from "../errors/error-responses.ts";
import { assertSegment } from "../protocol/topic-name.ts";
import { randomId } from "../runtime/platform.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { postponed, waitWithin } from "../runtime/deadline.ts";
import { WaitSet } from "../runtime/wait-set.ts";
import { callDeadline, REQUEST_OPTION_NAMES, qosValue } from "./options/call-options.ts";
import { checkBody, readSchema } from "./options/body-schema.ts";
import type { RequestOptions } from "./options/call-options.ts";
import type { ClientSettings } from "./options/settings.ts";
import type { Presence } from "./presence/presence.ts";
import { inquiryFor, isCarriedBy, refusedAsJson, untilAnswered } from "./format-inquiry.ts";
import { planOf, sendRepeatedly } from "./retry.ts";
import type { RetryPlan } from "./retry.ts";
import { tellTimeout, timeoutHint } from "./timeout-text.ts";

/** What sending requests takes. */
export interface RequesterOptions {
  readonly runner: MessageRunner;
  readonly settings: ClientSettings;
  readonly exchange: Exchange;
  readonly routing: ResponseRouting;
  readonly connection: Pick<Connection, "state" | "link" | "ready">;
  readonly presence: Pick<Presence, "stateOf">;
}

/** A request whose payload the outgoing handlers may still change. */
interface Draft {
  readonly payload: RequestPayload;
  readonly target: string;
  readonly subsystem: string;
  readonly qos: Call["qos"];
  readonly deadline: RequestDeadline;
  /** Undefined: it is sent once. */
  readonly retry: RetryPlan;
}

const readMethod = (method: unknown): Method => {
  if (method === undefined) return "GET";
  const name = parseMethod(method);
  if (name !== undefined) return name;
  throw new OptionError("method", method, '"GET", "POST", "PUT", "DELETE" or 1 to 4');
};

/** Makes requests of what the user asks for, sends them, and checks what comes back. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #payloads: PayloadHandler;
  readonly #waiting = new WaitSet<never>();

  constructor(options: RequesterOptions) {
    this.#options = options;
    const { clock } = options.settings;
    this.#payloads = new PayloadHandler({ now: () => clock.epochMs() });
  }

  /** See `MQTTClient.request`. What is wrong with the options rejects, too. */
  send(options: RequestOptions): Promise<ResponsePayload> {
    try {
      refuseUnknownOptions(options, REQUEST_OPTION_NAMES, "request()");
      const schema = options.schema === undefined ? undefined : readSchema(options.schema);
      const draft = this.#draft(options);
      // Without handlers and schema, nothing is awaited before the request is on its way.
      const response = this.#options.runner.hasOutgoing
        ? this.#sendThroughHandlers(draft)
        : this.#sendPayload(draft, draft.payload);
      return schema === undefined
        ? response
        : this.#checkResponse(schema, response, draft.deadline);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Makes a request ready to be sent by somebody else. What is wrong with the options rejects. */
  async prepare(options: RequestOptions): Promise<Call> {
    const draft = this.#draft(options);
    const { hasOutgoing } = this.#options.runner;
    return this.#call(draft, hasOutgoing ? await this.#throughHandlers(draft) : draft.payload);
  }

  #draft(options: RequestOptions): Draft {
    const { settings } = this.#options;
    const { targetDeviceTag: target, subsystem } = options;
    assertSegment(target, "targetDeviceTag");
    assertSegment(subsystem, "subsystem");
    const payload = this.#payload(options);
    if (settings.accept !== undefined) payload.header["accept"] = settings.accept;
    const isRepeated = options.retry !== undefined || settings.retry !== undefined;
    return {
      payload,
      target,
      subsystem,
      qos: qosValue("qos", orDefault(options.qos, settings.qosDefault)),
      deadline: this.#deadline(options, payload),
      retry: isRepeated ? planOf(options.retry, settings.retry, payload.header.method) : undefined,
    };
  }

  #payload({ method, path, body, token, correlationId }: RequestOptions): RequestPayload {
    const { settings } = this.#options;
    const { identifier: source, createId, clock } = settings;
    const requestId = createId();
    const isCertain = createId === randomId && token === undefined && correlationId === undefined;
    if (!isCertain || typeof path !== "string") {
      const more = { token, correlationId, source };
      const made = this.#payloads.createRequestPayload(readMethod(method), path, requestId, more);
      // What can be sent of the body, its encoding tells.
      return { ...made, body: body ?? null };
    }
    // What the payload handler would make, less the checks: there is nothing in it that could be wrong.
    return {
      timestamp: clock.epochMs(),
      body: body ?? null,
      header: {
        request_id: requestId,
        path,
        correlation_id: null,
        source,
        token: null,
        method: readMethod(method),
      },
    };
  }

  #deadline(options: RequestOptions, { header }: RequestPayload): RequestDeadline {
    const { settings, connection, routing, presence } = this.#options;
    // What the error keeps for as long as the request is in flight: a few texts, and neither object.
    const { path, request_id: requestId, method } = header;
    const { targetDeviceTag: target } = options;
    const createError = (timeoutMs: number, cause: Error | undefined): Error => {
      const { delivery } = deadline;
      const isOnline = connection.state.kind === "online";
      const { identifier: source, broker } = settings;
      const told = tellTimeout({ timeoutMs, delivery, isOnline, broker });
      const hint = timeoutHint({
        delivery,
        target,
        why: cause,
        mailboxFilter: routing.mailboxFilter,
        state: presence.stateOf(target),
      });
      const fields = { path, source, target, requestId, method };
      return new GatewayTimeoutResponse(told, { ...fields, delivery, hint, cause });
    };
    const delivery: Delivery = "not sent";
    const deadline: RequestDeadline = Object.assign(callDeadline(settings, options, createError), {
      delivery,
    });
    return deadline;
  }

  #call(draft: Draft, payload: RequestPayload): Call {
    const { target, subsystem, qos, deadline } = draft;
    const { method, request_id: requestId, path } = payload.header;
    const { settings, routing } = this.#options;
    // Without a body, nothing is won; and its answer tells whether the device still is the one that was known.
    const isPlain = settings.contentFormats.length === 0 || payload.body === null;
    const format = isPlain ? undefined : routing.formatOf(draft);
    // One object literal: thousands of these are kept at a time, and one that is made by spreading takes far more.
    return {
      requestId,
      method,
      path,
      source: settings.identifier,
      target,
      subsystem,
      payload: (format?.encode ?? encodeJson)(payload, "request payload"),
      contentType: format?.mediaType,
      qos,
      deadline,
    };
  }

  #sendPayload(draft: Draft, payload: RequestPayload): Promise<ResponsePayload> {
    let call: Call;
    try {
      call = this.#call(draft, payload);
    } catch (error) {
      if (this.#isUndecided(draft, payload)) return this.#sendOnceKnown(draft, payload, error);
      throw error;
    }
    return this.#sendCall(draft, call);
  }

  /** Whether a request that JSON cannot carry may go in another format, if the device has that. */
  #isUndecided(draft: Draft, payload: RequestPayload): boolean {
    const { settings, routing } = this.#options;
    return routing.formatOf(draft) === undefined && isCarriedBy(settings.contentFormats, payload);
  }

  async #sendOnceKnown(
    draft: Draft,
    payload: RequestPayload,
    refusal: unknown,
  ): Promise<ResponsePayload> {
    const { exchange, settings, routing } = this.#options;
    const inquiry = inquiryFor(payload, settings.createId());
    await untilAnswered(exchange.send(this.#call(draft, inquiry)));
    if (routing.formatOf(draft) === undefined) throw refusedAsJson(refusal, draft.target);
    return this.#sendCall(draft, this.#call(draft, payload));
  }

  #sendCall({ deadline, retry }: Draft, call: Call): Promise<ResponsePayload> {
    const { exchange, settings, connection } = this.#options;
    if (retry === undefined) return exchange.send(call);
    return sendRepeatedly({
      plan: retry,
      deadline,
      random: settings.random,
      send: (attempt) => exchange.send({ ...call, deadline: attempt }),
      ready: () =>
        connection.link === undefined ? connection.ready("send a request", deadline) : undefined,
      pause: (delayMs) => this.#pause(delayMs, deadline),
    });
  }

  /** Waits between two attempts, until the client closes at the latest. */
  async #pause(delayMs: number, { clock, signal }: Deadline): Promise<void> {
    const over = new Error("the pause is over");
    const expiresAt = clock.monotonicMs() + delayMs;
    try {
      await waitWithin<never>({ clock, signal, expiresAt, timeoutError: () => over }, (settle) =>
        this.#waiting.add(settle),
      );
    } catch (error) {
      if (error !== over) throw error;
    }
  }

  async #sendThroughHandlers(draft: Draft): Promise<ResponsePayload> {
    return this.#sendPayload(draft, await this.#throughHandlers(draft));
  }

  /** A request as the handlers of outgoing ones have left it. */
  async #throughHandlers(draft: Draft): Promise<RequestPayload> {
    const { runner, routing } = this.#options;
    const { payload: original, deadline } = draft;
    const { requestTopic: topic } = routing.plan(draft, original.header.request_id);
    const payload = await this.#whileOpen(deadline, runner.runOutgoing(topic, original));
    // What the handlers made of it is sent, so it is checked like what a caller gives.
    const checked = this.#checked(payload);
    if (isRequestPayload(checked)) return checked;
    const message = "expected a request: an object whose header has a method";
    throw new PayloadValidationError("result of the outgoing handlers", [{ path: "", message }]);
  }

  #checked(payload: Payload): Payload {
    const isJson = this.#options.settings.contentFormats.length === 0;
    if (isJson || !isJsonObject(payload)) return this.#payloads.validatePayload(payload);
    // What JSON cannot carry, another format may: the encoding of the body tells.
    const { body = null } = payload;
    return { ...this.#payloads.validatePayload({ ...payload, body: null }), body };
  }

  async #checkResponse(
    schema: StandardSchemaV1,
    pending: Promise<ResponsePayload>,
    deadline: Deadline,
  ): Promise<ResponsePayload> {
    const response = await pending;
    // It came in time: where the loop was blocked, a check that takes no time is not too late either.
    const last = postponed(deadline, 1);
    const body = await this.#whileOpen(last, checkBody(schema, response.body, "response"));
    return { ...response, body };
  }

  /** Waits for code of the user's, until the client closes at the latest. */
  #whileOpen<T>(deadline: Deadline, work: Promise<T>): Promise<T> {
    // Where the wait has ended before, nobody else hears of its failure.
    work.catch(() => undefined);
    return waitWithin<T>(deadline, ({ resolve, reject }) => {
      work.then(resolve, reject);
      return this.#waiting.add({ resolve, reject });
    });
  }

  /** Ends every request that waits for code of the user's, because the client has closed. */
  rejectAll(error: () => Error): void {
    this.#waiting.rejectAll(error);
  }
}
