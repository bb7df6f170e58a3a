import { ResponseCode } from "./response-code.ts";
import { ResponseException } from "./response-exception.ts";
import type { Delivery, ResponseExceptionFields } from "./response-exception.ts";

/** 400: The device could not make sense of the request (RFC 7252 §5.9.2.1). */
export class BadRequestResponse extends ResponseException {
  static {
    this.prototype.name = "BadRequestResponse";
  }
  static override readonly defaultCode: number = ResponseCode.BAD_REQUEST;
  override readonly code = "BAD_REQUEST";
}

/** 401: The requester is not authorized: it lacks a valid token (RFC 7252 §5.9.2.2). */
export class UnauthorizedResponse extends ResponseException {
  static {
    this.prototype.name = "UnauthorizedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.UNAUTHORIZED;
  override readonly code = "UNAUTHORIZED";
}

/** 402: The request carries an option that the device does not know or take (RFC 7252 §5.9.2.3). */
export class BadOptionResponse extends ResponseException {
  static {
    this.prototype.name = "BadOptionResponse";
  }
  static override readonly defaultCode: number = ResponseCode.BAD_OPTION;
  override readonly code = "BAD_OPTION";
}

/** 403: The device understood the request and refuses it (RFC 7252 §5.9.2.4). */
export class ForbiddenResponse extends ResponseException {
  static {
    this.prototype.name = "ForbiddenResponse";
  }
  static override readonly defaultCode: number = ResponseCode.FORBIDDEN;
  override readonly code = "FORBIDDEN";
}

/** 404: The device has no such resource (RFC 7252 §5.9.2.5). */
export class NotFoundResponse extends ResponseException {
  static {
    this.prototype.name = "NotFoundResponse";
  }
  static override readonly defaultCode: number = ResponseCode.NOT_FOUND;
  override readonly code = "NOT_FOUND";
}

/** 405: The resource exists and does not take this method (RFC 7252 §5.9.2.6). */
export class MethodNotAllowedResponse extends ResponseException {
  static {
    this.prototype.name = "MethodNotAllowedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.METHOD_NOT_ALLOWED;
  override readonly code = "METHOD_NOT_ALLOWED";
}

/** 406: The device cannot answer in the form asked for (RFC 7252 §5.9.2.7). */
export class NotAcceptableResponse extends ResponseException {
  static {
    this.prototype.name = "NotAcceptableResponse";
  }
  static override readonly defaultCode: number = ResponseCode.NOT_ACCEPTABLE;
  override readonly code = "NOT_ACCEPTABLE";
}

/** 412: A condition that the request depends on does not hold (RFC 7252 §5.9.2.8). */
export class PreconditionFailedResponse extends ResponseException {
  static {
    this.prototype.name = "PreconditionFailedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.PRECONDITION_FAILED;
  override readonly code = "PRECONDITION_FAILED";
}

/** 413: The request is larger than the device takes (RFC 7252 §5.9.2.9). */
export class RequestEntityTooLargeResponse extends ResponseException {
  static {
    this.prototype.name = "RequestEntityTooLargeResponse";
  }
  static override readonly defaultCode: number = ResponseCode.REQUEST_ENTITY_TOO_LARGE;
  override readonly code = "REQUEST_ENTITY_TOO_LARGE";
}

/** 415: The device does not take a body of this form (RFC 7252 §5.9.2.10). */
export class UnsupportedContentFormatResponse extends ResponseException {
  static {
    this.prototype.name = "UnsupportedContentFormatResponse";
  }
  static override readonly defaultCode: number = ResponseCode.UNSUPPORTED_CONTENT_FORMAT;
  override readonly code = "UNSUPPORTED_CONTENT_FORMAT";
}

/** 500: The device failed while it handled the request (RFC 7252 §5.9.3.1). */
export class InternalServerErrorResponse extends ResponseException {
  static {
    this.prototype.name = "InternalServerErrorResponse";
  }
  static override readonly defaultCode: number = ResponseCode.INTERNAL_SERVER_ERROR;
  override readonly code = "INTERNAL_SERVER_ERROR";
}

/** 501: The device does not implement what the request asks for (RFC 7252 §5.9.3.2). */
export class NotImplementedResponse extends ResponseException {
  static {
    this.prototype.name = "NotImplementedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.NOT_IMPLEMENTED;
  override readonly code = "NOT_IMPLEMENTED";
}

/** 502: A gateway got no usable answer from the device behind it (RFC 7252 §5.9.3.3). */
export class BadGatewayResponse extends ResponseException {
  static {
    this.prototype.name = "BadGatewayResponse";
  }
  static override readonly defaultCode: number = ResponseCode.BAD_GATEWAY;
  override readonly code = "BAD_GATEWAY";
}

/** 503: The device cannot answer for now: it is busy, or not there (RFC 7252 §5.9.3.4). */
export class ServiceUnavailableResponse extends ResponseException {
  static {
    this.prototype.name = "ServiceUnavailableResponse";
  }
  static override readonly defaultCode: number = ResponseCode.SERVICE_UNAVAILABLE;
  override readonly code = "SERVICE_UNAVAILABLE";
}

/** 504: No answer came in time (RFC 7252 §5.9.3.5). The device may still have acted. */
export class GatewayTimeoutResponse extends ResponseException {
  static {
    this.prototype.name = "GatewayTimeoutResponse";
  }
  static override readonly defaultCode: number = ResponseCode.GATEWAY_TIMEOUT;
  override readonly code: "GATEWAY_TIMEOUT" | "CONNECTION_FAILED" = "GATEWAY_TIMEOUT";
  /** How far the request came; undefined where the error is not about a request of this client. */
  readonly delivery: Delivery | undefined;
  /** What to check next. */
  readonly hint: string | undefined;

  constructor(detail?: unknown, fields: ResponseExceptionFields = {}) {
    super(detail, fields);
    this.delivery = fields.delivery;
    this.hint = fields.hint;
  }
}

/** 505: The device does not forward requests (RFC 7252 §5.9.3.6). */
export class ProxyingNotSupportedResponse extends ResponseException {
  static {
    this.prototype.name = "ProxyingNotSupportedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.PROXYING_NOT_SUPPORTED;
  override readonly code = "PROXYING_NOT_SUPPORTED";
}
