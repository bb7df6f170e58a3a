import { GfMqttError } from "./gf-mqtt-error.ts";
import type { CauseOptions, ResponseErrorCode } from "./gf-mqtt-error.ts";
import type { ResponsePayload } from "./response-payload.ts";
import { ResponseCode, responseCodeName } from "./response-code.ts";
import { lineText, valueText } from "./value-text.ts";

/** What a {@link ResponseException} may know beside its detail. */
export interface ResponseExceptionFields extends CauseOptions {
  /** The code of the answer; default: that of the class. */
  readonly responseCode?: number | undefined;
  /** The resource asked for. */
  readonly path?: string | undefined;
  /** Who reports the error. */
  readonly source?: string | undefined;
  /** The device asked. */
  readonly target?: string | undefined;
  readonly requestId?: string | undefined;
  readonly method?: string | undefined;
  /** The response as it arrived. */
  readonly response?: ResponsePayload | undefined;
  /** The whole text, instead of the one made from the other fields. */
  readonly message?: string | undefined;
  /** How far a request came that got no response. */
  readonly delivery?: Delivery | undefined;
  /** What to check next, as the text ends. */
  readonly hint?: string | undefined;
}

/**
 * How far a request came: `not sent`, since there was no link the whole time or no room; `sent`, handed to the
 * operating system or to the broker, which did not confirm it; `acknowledged` by the broker (QoS 1 and 2).
 */
export type Delivery = "not sent" | "sent" | "acknowledged";

const DETAIL_LENGTH = 200;
const LINE_LENGTH = 300;

const describe = (detail: unknown, code: number, fields: ResponseExceptionFields): string => {
  const from = fields.target ?? fields.source;
  const asked = [fields.method, fields.path].filter((part) => part !== undefined && part !== "");
  const words = [String(code)];
  const name = responseCodeName(code);
  if (name !== undefined) words.push(name);
  if (from !== undefined && from !== "") words.push(`from ${from}`);
  if (asked.length > 0) words.push(`for ${asked.join(" ")}`);
  const line = lineText(words.join(" "), LINE_LENGTH);
  const told =
    detail === undefined || detail === null ? line : `${line}: ${valueText(detail, DETAIL_LENGTH)}`;
  return fields.hint === undefined ? told : `${told}; ${fields.hint}`;
};

/**
 * A request was answered with an error code. There is a subclass for every error code of the
 * protocol; one that it does not know comes as this class. Thrown in a request handler, it becomes
 * the answer: its code, and its detail as the body.
 */
export class ResponseException extends GfMqttError {
  static {
    this.prototype.name = "ResponseException";
  }
  /** The code that an error of this class has when none is given. */
  static readonly defaultCode: number = ResponseCode.INTERNAL_SERVER_ERROR;
  readonly code: ResponseErrorCode = "RESPONSE_ERROR";
  /** The code of the answer, 404 for instance. */
  readonly responseCode: number;
  /** What the device said: the body, or else the location or error message of the header. */
  readonly detail: unknown;
  /** The resource asked for. */
  readonly path: string | undefined;
  /** Who reports the error. */
  readonly source: string | undefined;
  /** The device asked. */
  readonly target: string | undefined;
  readonly requestId: string | undefined;
  readonly method: string | undefined;
  /** The response as it arrived, if there is one. */
  readonly response: ResponsePayload | undefined;

  constructor(detail?: unknown, fields: ResponseExceptionFields = {}) {
    const responseCode = fields.responseCode ?? new.target.defaultCode;
    super(fields.message ?? describe(detail, responseCode, fields), fields);
    this.responseCode = responseCode;
    this.detail = detail;
    this.path = fields.path;
    this.source = fields.source;
    this.target = fields.target;
    this.requestId = fields.requestId;
    this.method = fields.method;
    this.response = fields.response;
  }
}
