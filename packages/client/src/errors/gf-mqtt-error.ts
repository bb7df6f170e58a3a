/*
 * Every error of the library:
 *
 * GfMqttError                            code
 * ├── NotConnectedError                  NOT_CONNECTED
 * │   └── ClientClosedError              CLIENT_CLOSED
 * │       └── WorkerLostError            WORKER_LOST
 * ├── LinkLostError                      LINK_LOST
 * ├── PayloadValidationError             INVALID_PAYLOAD
 * ├── TopicError                         INVALID_TOPIC
 * ├── OptionError                        INVALID_OPTION
 * │   └── UnknownOptionError             UNKNOWN_OPTION
 * ├── SubscriptionRefusedError           SUBSCRIPTION_REFUSED
 * ├── PublishRefusedError                PUBLISH_REFUSED
 * ├── NestedCallError                    NESTED_TOO_DEEP
 * ├── RuntimeNotSupportedError           RUNTIME_NOT_SUPPORTED
 * └── ResponseException                  RESPONSE_ERROR
 *     ├── BadRequestResponse             BAD_REQUEST
 *     ├── UnauthorizedResponse           UNAUTHORIZED
 *     ├── BadOptionResponse              BAD_OPTION
 *     ├── ForbiddenResponse              FORBIDDEN
 *     ├── NotFoundResponse               NOT_FOUND
 *     ├── MethodNotAllowedResponse       METHOD_NOT_ALLOWED
 *     ├── NotAcceptableResponse          NOT_ACCEPTABLE
 *     ├── PreconditionFailedResponse     PRECONDITION_FAILED
 *     ├── RequestEntityTooLargeResponse  REQUEST_ENTITY_TOO_LARGE
 *     ├── UnsupportedContentFormatResponse  UNSUPPORTED_CONTENT_FORMAT
 *     ├── InternalServerErrorResponse    INTERNAL_SERVER_ERROR
 *     ├── NotImplementedResponse         NOT_IMPLEMENTED
 *     ├── BadGatewayResponse             BAD_GATEWAY
 *     ├── ServiceUnavailableResponse     SERVICE_UNAVAILABLE
 *     ├── GatewayTimeoutResponse         GATEWAY_TIMEOUT
 *     │   └── ConnectionFailedError      CONNECTION_FAILED
 *     └── ProxyingNotSupportedResponse   PROXYING_NOT_SUPPORTED
 */

/** The codes of the errors that stand for a response with an error code. */
export type ResponseErrorCode =
  | "RESPONSE_ERROR"
  | "BAD_REQUEST"
  | "UNAUTHORIZED"
  | "BAD_OPTION"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "NOT_ACCEPTABLE"
  | "PRECONDITION_FAILED"
  | "REQUEST_ENTITY_TOO_LARGE"
  | "UNSUPPORTED_CONTENT_FORMAT"
  | "INTERNAL_SERVER_ERROR"
  | "NOT_IMPLEMENTED"
  | "BAD_GATEWAY"
  | "SERVICE_UNAVAILABLE"
  | "GATEWAY_TIMEOUT"
  | "CONNECTION_FAILED"
  | "PROXYING_NOT_SUPPORTED";

/**
 * The `code` of every error that this library makes. A `switch` over it can be exhaustive; further codes
 * come with new minor versions.
 *
 * @example
 * ```ts
 * if (error instanceof GfMqttError && error.code === "LINK_LOST") retry();
 * ```
 */
export type GfMqttErrorCode =
  | "NOT_CONNECTED"
  | "CLIENT_CLOSED"
  | "WORKER_LOST"
  | "LINK_LOST"
  | "INVALID_PAYLOAD"
  | "INVALID_TOPIC"
  | "INVALID_OPTION"
  | "UNKNOWN_OPTION"
  | "SUBSCRIPTION_REFUSED"
  | "PUBLISH_REFUSED"
  | "NESTED_TOO_DEEP"
  | "RUNTIME_NOT_SUPPORTED"
  | ResponseErrorCode;

/** What an error may say of the error below it. */
export interface CauseOptions {
  /** The error that led to this one; kept as `cause`. */
  readonly cause?: unknown;
}

/** The base of every error that this library makes. */
export abstract class GfMqttError extends Error {
  static {
    this.prototype.name = "GfMqttError";
  }
  /** What went wrong, in a form that stays the same from version to version. */
  abstract readonly code: GfMqttErrorCode;

  constructor(message: string, options: CauseOptions = {}) {
    // An explicit `cause: undefined` would show up in every printed error.
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}
