/// <reference lib="esnext.disposable" preserve="true" />

export type {
  PublishOptions,
  RequestOptions,
  ResourceOptions,
  RespondOptions,
  SubscribeOptions,
  WaitOptions,
} from "./client/options/call-options.ts";
export type { DisconnectOptions } from "./client/drain.ts";
export type { BodyOptions, DescribeOptions, DeviceHandle } from "./client/device-handle.ts";
export type { ResourceDescription } from "./client/resource-description.ts";
export {
  ResourceAnswer,
  answer,
  changed,
  content,
  created,
  deleted,
  valid,
} from "./device/resource-answer.ts";
export type { AnswerHeader } from "./device/resource-answer.ts";
export type { RespondingClient } from "./device/answering.ts";
export type { PathParams } from "./device/path-pattern.ts";
export { ResourceContext } from "./device/resource-context.ts";
export { ResourceRouter } from "./device/resource-router.ts";
export type { ResourceRouterOptions } from "./device/resource-router.ts";
export type { ResourceRouterOf } from "./device/router-of.ts";
export type { AsyncRouterOptions, Middleware, RouterOptions } from "./device/router-options.ts";
export type { ResourceHandler, RouteOptions, RouterMode } from "./device/route.ts";
export {
  MessageHandlerBase,
  RequestHandlerBase,
  ResponseHandlerBase,
} from "./client/handler-classes.ts";
export type { MessageHandler } from "./client/handler-classes.ts";
export type { ClientEvents, ClientListener, ClientState } from "./client/session.ts";
export { MQTTClient } from "./client/mqtt-client.ts";
export type { MQTTClientOptions, ReconnectOptions } from "./client/options/client-options.ts";
export type {
  DeviceAnswer,
  GroupRequestOptions,
  RequestManyOptions,
  TargetsRequestOptions,
} from "./client/options/group-options.ts";
export type { RetryOptions } from "./client/retry.ts";
export type { RepeatsOptions } from "./client/options/repeats-options.ts";
export type { ClientCounts, ClientStatistics } from "./client/statistics.ts";
export type {
  AnyHandlerResult,
  Arrival,
  ArrivedMessage,
  HandlerDirection,
  HandlerResult,
  MessageHandlerOf,
  MessageHandlerOptions,
  Process,
} from "./handlers/message-handler.ts";
export type { RequestHandlerOptions } from "./handlers/message-handler.ts";
export type { ResponseHandlerOptions } from "./handlers/message-handler.ts";
export type { ResponseRoutingMode } from "./exchange/response-routing.ts";
export { MQTTBrokerConfig } from "./client/options/broker-config.ts";
export type { MQTTBrokerConfigFields } from "./client/options/broker-config.ts";
export {
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
} from "./errors/error-responses.ts";
export type { AnyGfMqttError } from "./errors/any-error.ts";
export type { GfMqttErrorCode, ResponseErrorCode } from "./errors/gf-mqtt-error.ts";
export { ConnectionFailedError } from "./errors/connection-failed-error.ts";
export {
  ClientClosedError,
  LinkLostError,
  NotConnectedError,
  PublishRefusedError,
  SubscriptionRefusedError,
} from "./errors/connection-errors.ts";
export { GfMqttError } from "./errors/gf-mqtt-error.ts";
export {
  OptionError,
  PayloadValidationError,
  RuntimeNotSupportedError,
  TopicError,
  UnknownOptionError,
} from "./errors/input-errors.ts";
export type { PayloadIssue } from "./errors/input-errors.ts";
export type { DeviceState, DeviceStatus } from "./protocol/status.ts";
export type { PresenceOptions } from "./client/presence/presence-options.ts";
export type { DevicePresence } from "./client/presence/roster.ts";
export { MessageType } from "./protocol/message-type.ts";
export { Method } from "./protocol/method.ts";
export type { MethodInput } from "./protocol/method.ts";
export { PayloadHandler } from "./protocol/payload-handler.ts";
export type {
  PayloadHandlerOptions,
  RequestPayloadOptions,
  ResponsePayloadOptions,
} from "./protocol/payload-handler.ts";
export {
  generalPayloadSchema,
  payloadSchema,
  requestPayloadSchema,
  responsePayloadSchema,
} from "./protocol/payload-schema.ts";
export { isRequestPayload, isResponsePayload, payloadKind } from "./protocol/payload-kind.ts";
export type {
  GeneralPayload,
  Payload,
  PayloadKind,
  RequestHeader,
  RequestPayload,
} from "./protocol/payload.ts";
export type {
  PayloadHeader,
  ResponseHeader,
  ResponsePayload,
  Timestamp,
} from "./errors/response-payload.ts";
export {
  ResponseCode,
  isResponseCode,
  isSuccess,
  responseCodeName,
} from "./errors/response-code.ts";
export type { ResponseCodeName } from "./errors/response-code.ts";
export { ResponseException } from "./errors/response-exception.ts";
export type { Delivery, ResponseExceptionFields } from "./errors/response-exception.ts";
export {
  BadGatewayResponse,
  GatewayTimeoutResponse,
  InternalServerErrorResponse,
  NotImplementedResponse,
  ProxyingNotSupportedResponse,
  ServiceUnavailableResponse,
} from "./errors/error-responses.ts";
export { TopicManager } from "./protocol/topic.ts";
export type { TopicParts } from "./protocol/topic.ts";
export type { Clock } from "./runtime/platform.ts";
export { checkRuntimeCompatibility, ensureCompatibleRuntime } from "./runtime/compatibility.ts";
export type { FeatureReport, RuntimeName, RuntimeReport } from "./runtime/compatibility.ts";
export type { Logger, LogMethod } from "./runtime/logger.ts";
export type { LogLevel } from "./runtime/printing-logger.ts";
export { mqttTransport } from "./transport/mqtt.ts";
export type {
  DialRequest,
  IncomingMessage,
  Link,
  OutgoingMessage,
  ProtocolLevel,
  PublishOutcome,
  QoS,
  SubscribeResult,
  Subscription,
  TlsOptions,
  Transport,
  WillMessage,
} from "./transport/transport.ts";
