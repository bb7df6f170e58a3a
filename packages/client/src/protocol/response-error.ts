import {
  BadOptionResponse,
  BadRequestResponse,
  ForbiddenResponse,
  MethodNotAllowedResponse,
  NotAcceptableResponse,
  NotFoundResponse,
  PreconditionFailedResponse,
  RequestEntityTooLargeResponse,
  UnauthorizedResponse,
  UnsupportedContentFormatResponse,
} from "../errors/error-responses.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { ResponseExceptionFields } from "../errors/response-exception.ts";
import {
  BadGatewayResponse,
  GatewayTimeoutResponse,
  InternalServerErrorResponse,
  NotImplementedResponse,
  ProxyingNotSupportedResponse,
  ServiceUnavailableResponse,
} from "../errors/error-responses.ts";

const CLASSES: ReadonlyMap<number, typeof ResponseException> = new Map(
  [
    BadRequestResponse,
    UnauthorizedResponse,
    BadOptionResponse,
    ForbiddenResponse,
    NotFoundResponse,
    MethodNotAllowedResponse,
    NotAcceptableResponse,
    PreconditionFailedResponse,
    RequestEntityTooLargeResponse,
    UnsupportedContentFormatResponse,
    InternalServerErrorResponse,
    NotImplementedResponse,
    BadGatewayResponse,
    ServiceUnavailableResponse,
    GatewayTimeoutResponse,
    ProxyingNotSupportedResponse,
  ].map((errorClass) => [errorClass.defaultCode, errorClass]),
);

/** What the requester knows of a response that the response itself does not say. */
export type ResponseContext = Pick<ResponseExceptionFields, "source" | "target" | "method">;

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/**
 * The error that a response with an error code stands for: the class of its code, or
 * {@link ResponseException} for a code that the protocol does not know. Its detail is the body,
 * else the location, else the error message of the header.
 */
export const responseExceptionFrom = (
  response: ResponsePayload,
  context: ResponseContext = {},
): ResponseException => {
  const { header } = response;
  const errorClass = CLASSES.get(header.response_code) ?? ResponseException;
  const known = {
    ...context,
    source: context.source ?? text(header.source),
    path: text(header.path),
    requestId: text(header.request_id),
    responseCode: header.response_code,
    response,
  };
  return new errorClass(response.body ?? header.location ?? header.error_message, known);
};
