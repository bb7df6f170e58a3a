import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { Call, Exchange } from "../exchange/exchange.ts";
import type { ResponseRouting } from "../exchange/response-routing.ts";
import { runChain } from "../handlers/chain.ts";
import type { MessageHandlerOf } from "../handlers/message-handler.ts";
import { OptionError, PayloadValidationError } from "../protocol/errors.ts";
import { encodeJson } from "../protocol/json-encode.ts";
import type { Method } from "../protocol/method.ts";
import { parseMethod } from "../protocol/method.ts";
import { refuseUnknownOptions } from "../protocol/option-names.ts";
import type { PayloadHandler } from "../protocol/payload-handler.ts";
import type { RequestPayload, ResponsePayload } from "../protocol/payload.ts";
import { payloadKind } from "../protocol/payload.ts";
import { GatewayTimeoutResponse, ServiceUnavailableResponse } from "../protocol/server-error-response.ts";
import { assertSegment } from "../protocol/topic-name.ts";
import type { Limits } from "../runtime/wait.ts";
import { settleWithin } from "../runtime/wait.ts";
import { callLimits } from "./call-limits.ts";
import { REQUEST_OPTION_NAMES, checkBody } from "./calls.ts";
import type { RequestOptions } from "./calls.ts";
import { qosValue } from "./option-checks.ts";
import type { ClientSettings } from "./settings.ts";

/** What sending requests takes. */
export interface RequesterOptions<Client> {
  readonly client: Client;
  readonly settings: ClientSettings;
  readonly payloads: PayloadHandler;
  readonly exchange: Exchange;
  readonly routing: ResponseRouting;
  /** The handlers that see requests before they are sent. */
  readonly outgoingHandlers: () => readonly MessageHandlerOf<Client>[];
  readonly isOnline: () => boolean;
}

const readMethod = (method: unknown): Method => {
  const name = parseMethod(method ?? "GET");
  if (name === undefined) {
    throw new OptionError("method", method, '"GET", "POST", "PUT", "DELETE" or 1 to 4');
  }
  return name;
};

const readSchema = (schema: unknown): StandardSchemaV1 | undefined => {
  if (schema === undefined) return undefined;
  const isSchema =
    (typeof schema === "object" || typeof schema === "function") &&
    schema !== null &&
    "~standard" in schema;
  if (!isSchema) throw new OptionError("schema", schema, "a Standard Schema");
  // The mark of a Standard Schema; its version 1 is the only one there is.
  return schema as StandardSchemaV1;
};

/** Makes requests of what the user asks for, sends them, and checks what comes back. */
export class Requester<Client> {
  readonly #options: RequesterOptions<Client>;

  constructor(options: RequesterOptions<Client>) {
    this.#options = options;
  }

  async send(options: RequestOptions): Promise<ResponsePayload> {
    const { exchange, settings } = this.#options;
    refuseUnknownOptions(options, REQUEST_OPTION_NAMES, "request()");
    const { targetDeviceTag: target, subsystem } = options;
    assertSegment(target, "targetDeviceTag");
    assertSegment(subsystem, "subsystem");
    const schema = readSchema(options.schema);
    const qos = qosValue("qos", options.qos ?? settings.qosDefault);
    const draft = this.#draft(options);
    const limits = this.#limits(options, draft);
    const address = { target, subsystem, qos };
    const payload = await this.#runOutgoing(draft, address, limits);
    const { method, request_id: requestId, path } = payload.header;
    const call: Call = {
      ...address,
      method,
      requestId,
      text: encodeJson(payload, "request payload"),
      limits,
      nobodyListensError: () =>
        new ServiceUnavailableResponse("the broker has no subscriber for this device's requests", {
          path,
          source: settings.identifier,
          target,
          requestId,
          method,
        }),
    };
    const response = await exchange.send(call);
    if (schema === undefined) return response;
    const body = await settleWithin(limits, checkBody(schema, response.body, "response"));
    return { ...response, body };
  }

  #draft({ method, path, body, token, correlationId }: RequestOptions): RequestPayload {
    const { payloads, settings } = this.#options;
    return payloads.createRequestPayload(readMethod(method), path, settings.createId(), {
      body,
      token,
      correlationId,
      source: settings.identifier,
    });
  }

  #limits(options: RequestOptions, { header }: RequestPayload): Limits {
    const { settings, isOnline } = this.#options;
    const { identifier, url } = settings;
    return callLimits(settings, options, (timeoutMs) => {
      const what = isOnline() ? "no response" : `no link to ${url} and no response`;
      const detail = `${what} within ${String(timeoutMs)} ms; the device may still have acted`;
      return new GatewayTimeoutResponse(detail, {
        path: header.path,
        source: identifier,
        target: options.targetDeviceTag,
        requestId: header.request_id,
        method: header.method,
      });
    });
  }

  async #runOutgoing(
    draft: RequestPayload,
    address: Pick<Call, "target" | "subsystem" | "qos">,
    limits: Limits,
  ): Promise<RequestPayload> {
    const { client, outgoingHandlers, routing, payloads } = this.#options;
    const handlers = outgoingHandlers();
    if (handlers.length === 0) return draft;
    const requestId = draft.header.request_id;
    const { requestTopic: topic } = routing.plan(address, requestId);
    const onError = (error: unknown): void => {
      throw error;
    };
    const run = runChain(handlers, { client, topic, payload: draft, onError });
    const { payload } = await settleWithin(limits, run);
    if (payloadKind(payload) === "request") {
      // What the handlers made of it is sent, so it is checked like what the caller gave.
      return payloads.validatePayload(payload) as RequestPayload;
    }
    const message = "expected a request: an object whose header has a method";
    throw new PayloadValidationError("result of the outgoing handlers", [{ path: "", message }]);
  }
}
