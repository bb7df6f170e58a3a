import { ResponseCode } from "./response-code.ts";
import { ResponseException } from "./response-exception.ts";

/** 500: The device failed while it handled the request (RFC 7252 §5.9.3.1). */
export class InternalServerErrorResponse extends ResponseException {
  static {
    this.prototype.name = "InternalServerErrorResponse";
  }
  static override readonly defaultCode: number = ResponseCode.INTERNAL_SERVER_ERROR;
  override readonly code: string = "INTERNAL_SERVER_ERROR";
}

/** 501: The device does not implement what the request asks for (RFC 7252 §5.9.3.2). */
export class NotImplementedResponse extends ResponseException {
  static {
    this.prototype.name = "NotImplementedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.NOT_IMPLEMENTED;
  override readonly code: string = "NOT_IMPLEMENTED";
}

/** 502: A gateway got no usable answer from the device behind it (RFC 7252 §5.9.3.3). */
export class BadGatewayResponse extends ResponseException {
  static {
    this.prototype.name = "BadGatewayResponse";
  }
  static override readonly defaultCode: number = ResponseCode.BAD_GATEWAY;
  override readonly code: string = "BAD_GATEWAY";
}

/** 503: The device cannot answer for now: it is busy, or not there (RFC 7252 §5.9.3.4). */
export class ServiceUnavailableResponse extends ResponseException {
  static {
    this.prototype.name = "ServiceUnavailableResponse";
  }
  static override readonly defaultCode: number = ResponseCode.SERVICE_UNAVAILABLE;
  override readonly code: string = "SERVICE_UNAVAILABLE";
}

/** 504: No answer came in time (RFC 7252 §5.9.3.5). The device may still have acted. */
export class GatewayTimeoutResponse extends ResponseException {
  static {
    this.prototype.name = "GatewayTimeoutResponse";
  }
  static override readonly defaultCode: number = ResponseCode.GATEWAY_TIMEOUT;
  override readonly code: string = "GATEWAY_TIMEOUT";
}

/** 505: The device does not forward requests (RFC 7252 §5.9.3.6). */
export class ProxyingNotSupportedResponse extends ResponseException {
  static {
    this.prototype.name = "ProxyingNotSupportedResponse";
  }
  static override readonly defaultCode: number = ResponseCode.PROXYING_NOT_SUPPORTED;
  override readonly code: string = "PROXYING_NOT_SUPPORTED";
}
