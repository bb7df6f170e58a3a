import * as v from "valibot";
import { PayloadValidationError } from "../errors/input-errors.ts";
import type { PayloadIssue } from "../errors/input-errors.ts";
import { decodeJson } from "../json/decode.ts";
import { assertJson } from "../json/encode.ts";
import { placeText } from "../json/place.ts";
import type { MethodInput } from "./method.ts";
import { payloadKind } from "./payload-kind.ts";
import type { GeneralPayload, Payload, RequestPayload } from "./payload.ts";
import type { ResponsePayload, Timestamp } from "../errors/response-payload.ts";
import {
  generalPayloadSchema,
  payloadSchema,
  requestPayloadSchema,
  responsePayloadSchema,
} from "./payload-schema.ts";
import type { ResponseCode } from "../errors/response-code.ts";

/** Options of {@link PayloadHandler}. */
export interface PayloadHandlerOptions {
  /**
   * The clock, in epoch milliseconds.
   * @default Date.now
   */
  readonly now?: () => number;
}

/** The parts of a request that it can go without. */
export interface RequestPayloadOptions {
  /**
   * The body.
   * @default null
   */
  readonly body?: unknown;
  /**
   * An authentication token.
   * @default none
   */
  readonly token?: string | null | undefined;
  /**
   * Groups the messages of a batch: a UUID, or 32 hexadecimal digits.
   * @default none
   */
  readonly correlationId?: string | null | undefined;
  /**
   * The identifier of the sender.
   * @default none
   */
  readonly source?: string | null | undefined;
  /**
   * Epoch milliseconds.
   * @default now
   */
  readonly timestamp?: Timestamp | undefined;
}

/** The parts of a response that it can go without. */
export interface ResponsePayloadOptions {
  /**
   * The request's correlation id.
   * @default none
   */
  readonly correlationId?: string | null | undefined;
  /**
   * The identifier of the sender.
   * @default none
   */
  readonly source?: string | null | undefined;
  /**
   * Where the created resource is, with 201 (RFC 7252 §5.10.7).
   * @default none
   */
  readonly location?: string | undefined;
  /**
   * Epoch milliseconds.
   * @default now
   */
  readonly timestamp?: Timestamp | undefined;
}

const toIssue = ({ message, path }: v.BaseIssue<unknown>): PayloadIssue => ({
  path: placeText((path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)))),
  message,
});

// Getters and proxies of the caller's may throw what they like, at whoever looks first.
const unreadable = (subject: string, cause: unknown): PayloadValidationError =>
  new PayloadValidationError(subject, [{ path: "", message: "cannot be read" }], { cause });

const judge = <Kind extends Payload>(
  schema: v.GenericSchema<unknown, Kind>,
  payload: unknown,
  subject: string,
): Kind => {
  let verdict: v.SafeParseResult<v.GenericSchema<unknown, Kind>>;
  try {
    verdict = v.safeParse(schema, payload);
  } catch (error) {
    throw unreadable(subject, error);
  }
  if (!verdict.success) throw new PayloadValidationError(subject, verdict.issues.map(toIssue));
  assertJson(verdict.output, subject);
  return verdict.output;
};

const subjectOf = (payload: unknown): string => {
  try {
    const kind = payloadKind(payload);
    return kind === undefined ? "payload" : `${kind} payload`;
  } catch (error) {
    throw unreadable("payload", error);
  }
};

/**
 * Makes and checks payloads, strictly: what it gives back follows the protocol and survives JSON
 * unharmed. Every method throws a {@link PayloadValidationError} that names each field at fault.
 * @example
 * const payload = new PayloadHandler().createGeneralPayload({ temperature: 21.5 });
 */
export class PayloadHandler {
  readonly #now: () => number;

  constructor({ now = Date.now }: PayloadHandlerOptions = {}) {
    this.#now = now;
  }

  /**
   * Makes a payload that is neither a request nor a response.
   *
   * @param timestamp - epoch milliseconds; default now.
   * @throws {PayloadValidationError} the timestamp is none, or JSON would spoil the body.
   * @example
   * payloads.createGeneralPayload({ temperature: 21.5 });
   */
  createGeneralPayload(body: unknown = null, timestamp: Timestamp = this.#time()): GeneralPayload {
    return judge(generalPayloadSchema, { timestamp, body }, "general payload");
  }

  /**
   * Makes a request. Fields not given are null, except the timestamp, which is now.
   *
   * @param method - its name in upper or lower case, or 1 to 4; the name is what is sent.
   * @param requestId - a UUID, or 32 hexadecimal digits.
   * @throws {PayloadValidationError} a field breaks the protocol's rules, or JSON would spoil it.
   * @example
   * payloads.createRequestPayload("PUT", "gains", crypto.randomUUID(), { body: [8, 8] });
   */
  // oxlint-disable-next-line max-params -- the reference library's signature, kept for its users
  createRequestPayload(
    method: MethodInput,
    path: string,
    requestId: string,
    options: RequestPayloadOptions = {},
  ): RequestPayload {
    const { body = null, token = null, correlationId = null, source = null } = options;
    const { timestamp = this.#time() } = options;
    const header = {
      request_id: requestId,
      path,
      correlation_id: correlationId,
      source,
      token,
      method,
    };
    return judge(requestPayloadSchema, { timestamp, body, header }, "request payload");
  }

  /**
   * Makes a response. Fields not given are null, except the timestamp, which is now, and the
   * location, which is left out.
   *
   * @param responseCode - one of the 21 codes.
   * @param path - the path of the request.
   * @param requestId - the id of the request: a UUID, or 32 hexadecimal digits.
   * @throws {PayloadValidationError} a field breaks the protocol's rules, or JSON would spoil it.
   * @example
   * payloads.createResponsePayload(205, "gains", request.header.request_id, [8, 8]);
   */
  // oxlint-disable-next-line max-params -- the reference library's signature, kept for its users
  createResponsePayload(
    responseCode: ResponseCode,
    path: string,
    requestId: string,
    body: unknown = null,
    options: ResponsePayloadOptions = {},
  ): ResponsePayload {
    const { correlationId = null, source = null, location, timestamp = this.#time() } = options;
    const header = {
      request_id: requestId,
      path,
      correlation_id: correlationId,
      source,
      response_code: responseCode,
      ...(location !== undefined && { location }),
    };
    return judge(responsePayloadSchema, { timestamp, body, header }, "response payload");
  }

  /**
   * Checks a payload of any kind. Gives back the object itself; only where the method of a request
   * is not given by its name, a shallow copy with the name. Never changes what it is given.
   *
   * @throws {PayloadValidationError} a field breaks the protocol's rules, or JSON would spoil it.
   * @example
   * payloads.validatePayload({ body: null, timestamp: Date.now() });
   */
  validatePayload(payload: unknown): Payload {
    return judge(payloadSchema, payload, subjectOf(payload));
  }

  /**
   * Reads a payload from JSON, given as text or as its UTF-8 bytes, and checks it.
   *
   * @throws {PayloadValidationError} not UTF-8, not JSON, or not a payload of this protocol.
   * @example
   * payloads.parsePayload('{"body":1,"timestamp":1700000000000}');
   */
  parsePayload(json: string | Uint8Array): Payload {
    return this.validatePayload(decodeJson(json));
  }

  #time(): number {
    return Math.floor(this.#now());
  }
}
