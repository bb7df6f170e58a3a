import { OptionError } from "../errors/input-errors.ts";
import { ResponseCode } from "../errors/response-code.ts";
import type { SuccessCode } from "../errors/response-code.ts";
import { isJsonObject } from "../json/object.ts";
import { codeValue } from "../options/checks.ts";

type ErrorCode = Exclude<ResponseCode, SuccessCode>;

/** Further fields of a response's header. */
export type AnswerHeader = Readonly<Record<string, unknown>>;

/** That of an answer without further header fields. */
export const NO_HEADER: AnswerHeader = Object.freeze({});

/**
 * What a resource answers, where a body alone does not say it: made by {@link content}, {@link created},
 * {@link changed}, {@link deleted}, {@link valid} and {@link answer}.
 * @example
 * const isFailure = (given: ResourceAnswer) => !isSuccess(given.code);
 */
export class ResourceAnswer<Body = unknown> {
  /** One of the 21 codes. */
  readonly code: ResponseCode;
  /** Any JSON value; undefined is sent as `null`. */
  readonly body: Body;
  /** Further header fields, `location` for instance. */
  readonly header: AnswerHeader;

  constructor(code: ResponseCode, body: Body, header: AnswerHeader = NO_HEADER) {
    this.code = code;
    this.body = body;
    this.header = header;
  }
}

/**
 * 205 (Content): the representation that was asked for (RFC 7252 §5.9.1.4).
 * @example
 * router.post("statistics", () => content({ mean: 1.5 }));
 */
export const content = <Body>(body: Body): ResourceAnswer<Body> =>
  new ResourceAnswer(ResponseCode.CONTENT, body);

/**
 * 201 (Created): a resource was made (RFC 7252 §5.9.1.1).
 *
 * @param location - its path, sent as header field `location` (RFC 7252 §5.10.7).
 * @throws {OptionError} the location is no text, or empty.
 * @example
 * router.post("captures", () => created("captures/7"));
 */
export function created(location: string): ResourceAnswer<undefined>;
export function created<Body>(location: string, body: Body): ResourceAnswer<Body>;
export function created(location: string, body?: unknown): ResourceAnswer {
  if (typeof location === "string" && location !== "") {
    return new ResourceAnswer(ResponseCode.CREATED, body, { location });
  }
  throw new OptionError("location", location, "the path of what was created, as in captures/7");
}

/**
 * 204 (Changed): the resource has a new state (RFC 7252 §5.9.1.3 and 5.9.1.5).
 * @example
 * router.put("gains", { body: Gains }, ({ body }) => changed(body));
 */
export function changed(): ResourceAnswer<undefined>;
export function changed<Body>(body: Body): ResourceAnswer<Body>;
export function changed(body?: unknown): ResourceAnswer {
  return new ResourceAnswer(ResponseCode.CHANGED, body);
}

/**
 * 202 (Deleted): the resource is gone (RFC 7252 §5.9.1.2).
 * @example
 * router.post("reset", () => deleted());
 */
export function deleted(): ResourceAnswer<undefined>;
export function deleted<Body>(body: Body): ResourceAnswer<Body>;
export function deleted(body?: unknown): ResourceAnswer {
  return new ResourceAnswer(ResponseCode.DELETED, body);
}

/**
 * 203 (Valid): what the requester has is still right (RFC 7252 §5.9.1.3). Carries no body.
 * @example
 * router.get("gains", () => valid());
 */
export const valid = (): ResourceAnswer<undefined> =>
  new ResourceAnswer(ResponseCode.VALID, undefined);

/**
 * Any of the 21 codes, error codes included; with them a handler may also throw the exception of the code.
 *
 * @param header - further header fields; those that the library sets cannot be among them.
 * @throws {OptionError} the code is none of the 21, or `header` is no object.
 * @example
 * router.post("trigger", () => answer(ResponseCode.PRECONDITION_FAILED, "not armed"));
 */
export function answer(code: ResponseCode): ResourceAnswer<undefined>;
// What an error says is no body of the resource: it fits any `response`.
export function answer(
  code: ErrorCode,
  body: unknown,
  header?: AnswerHeader,
): ResourceAnswer<never>;
export function answer<Body>(
  code: ResponseCode,
  body: Body,
  header?: AnswerHeader,
): ResourceAnswer<Body>;
export function answer(
  code: ResponseCode,
  body?: unknown,
  header: AnswerHeader = {},
): ResourceAnswer {
  if (!isJsonObject(header)) throw new OptionError("header", header, "an object of header fields");
  return new ResourceAnswer(codeValue("code", code), body, header);
}
