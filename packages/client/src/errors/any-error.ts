import type { ConnectionFailedError } from "./connection-failed-error.ts";
import type {
  ClientClosedError,
  LinkLostError,
  NotConnectedError,
  PublishRefusedError,
  SubscriptionRefusedError,
  WorkerLostError,
} from "./connection-errors.ts";
import type * as responses from "./error-responses.ts";
import type {
  NestedCallError,
  OptionError,
  PayloadValidationError,
  RuntimeNotSupportedError,
  TopicError,
  UnknownOptionError,
} from "./input-errors.ts";
import type { ResponseException } from "./response-exception.ts";

/**
 * Any error of this library, told apart by its `code`.
 *
 * @example
 * ```ts
 * const describe = (error: AnyGfMqttError): string => {
 *   switch (error.code) {
 *     case "INVALID_OPTION":
 *       return `${error.option} is wrong`;
 *     default:
 *       return error.message;
 *   }
 * };
 * ```
 */
export type AnyGfMqttError =
  | NotConnectedError
  | ClientClosedError
  | WorkerLostError
  | LinkLostError
  | SubscriptionRefusedError
  | PublishRefusedError
  | PayloadValidationError
  | TopicError
  | OptionError
  | UnknownOptionError
  | NestedCallError
  | RuntimeNotSupportedError
  | ResponseException
  | responses.BadRequestResponse
  | responses.UnauthorizedResponse
  | responses.BadOptionResponse
  | responses.ForbiddenResponse
  | responses.NotFoundResponse
  | responses.MethodNotAllowedResponse
  | responses.NotAcceptableResponse
  | responses.PreconditionFailedResponse
  | responses.RequestEntityTooLargeResponse
  | responses.UnsupportedContentFormatResponse
  | responses.InternalServerErrorResponse
  | responses.NotImplementedResponse
  | responses.BadGatewayResponse
  | responses.ServiceUnavailableResponse
  | responses.GatewayTimeoutResponse
  | ConnectionFailedError
  | responses.ProxyingNotSupportedResponse;
