import { ResponseCode } from "./response-code.ts";
import { ResponseException } from "./response-exception.ts";

/** 400: The device could not make sense of the request (RFC 7252 §5.9.2.1). */
export class BadRequestResponse extends ResponseException {
  static {
    this.prototype.name = "BadRequestResponse";
  }
  static override readonly defaultCode: number = ResponseCode.BAD_REQUEST;
  override readonly code: string = "BAD_REQUEST";
}

/** 401: The requester is not authorized: it lacks a valid token (RFC 7252 §5.9.2.2). */
export class UnauthorizedResponse extends ResponseException {
  static {
    this.prototype.name = "UnauthorizedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.UNAUTHORIZED;
  override readonly code: string = "UNAUTHORIZED";
}

/** 402: The request carries an option that the device does not know or take (RFC 7252 §5.9.2.3). */
export class BadOptionResponse extends ResponseException {
  static {
    this.prototype.name = "BadOptionResponse";
  }
  static override readonly defaultCode: number = ResponseCode.BAD_OPTION;
  override readonly code: string = "BAD_OPTION";
}

/** 403: The device understood the request and refuses it (RFC 7252 §5.9.2.4). */
export class ForbiddenResponse extends ResponseException {
  static {
    this.prototype.name = "ForbiddenResponse";
  }
  static override readonly defaultCode: number = ResponseCode.FORBIDDEN;
  override readonly code: string = "FORBIDDEN";
}

/** 404: The device has no such resource (RFC 7252 §5.9.2.5). */
export class NotFoundResponse extends ResponseException {
  static {
    this.prototype.name = "NotFoundResponse";
  }
  static override readonly defaultCode: number = ResponseCode.NOT_FOUND;
  override readonly code: string = "NOT_FOUND";
}

/** 405: The resource exists and does not take this method (RFC 7252 §5.9.2.6). */
export class MethodNotAllowedResponse extends ResponseException {
  static {
    this.prototype.name = "MethodNotAllowedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.METHOD_NOT_ALLOWED;
  override readonly code: string = "METHOD_NOT_ALLOWED";
}

/** 406: The device cannot answer in the form asked for (RFC 7252 §5.9.2.7). */
export class NotAcceptableResponse extends ResponseException {
  static {
    this.prototype.name = "NotAcceptableResponse";
  }
  static override readonly defaultCode: number = ResponseCode.NOT_ACCEPTABLE;
  override readonly code: string = "NOT_ACCEPTABLE";
}

/** 412: A condition that the request depends on does not hold (RFC 7252 §5.9.2.8). */
export class PreconditionFailedResponse extends ResponseException {
  static {
    this.prototype.name = "PreconditionFailedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.PRECONDITION_FAILED;
  override readonly code: string = "PRECONDITION_FAILED";
}

/** 413: The request is larger than the device takes (RFC 7252 §5.9.2.9). */
export class RequestEntityTooLargeResponse extends ResponseException {
  static {
    this.prototype.name = "RequestEntityTooLargeResponse";
  }
  static override readonly defaultCode: number = ResponseCode.REQUEST_ENTITY_TOO_LARGE;
  override readonly code: string = "REQUEST_ENTITY_TOO_LARGE";
}

/** 415: The device does not take a body of this form (RFC 7252 §5.9.2.10). */
export class UnsupportedContentFormatResponse extends ResponseException {
  static {
    this.prototype.name = "UnsupportedContentFormatResponse";
  }
  static override readonly defaultCode: number = ResponseCode.UNSUPPORTED_CONTENT_FORMAT;
  override readonly code: string = "UNSUPPORTED_CONTENT_FORMAT";
}
