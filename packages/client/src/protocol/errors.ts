import { reasonCodeName } from "./reason-code.ts";
import { lineText, valueText } from "./value-text.ts";

/*
 * Every error of the library:
 *
 * GfMqttError                            code
 * ├── NotConnectedError                  NOT_CONNECTED
 * │   └── ClientClosedError              CLIENT_CLOSED
 * │       └── WorkerLostError            WORKER_LOST (sync-errors.ts)
 * ├── LinkLostError                      LINK_LOST
 * ├── PayloadValidationError             INVALID_PAYLOAD
 * ├── TopicError                         INVALID_TOPIC
 * ├── OptionError                        INVALID_OPTION
 * │   └── UnknownOptionError             UNKNOWN_OPTION
 * ├── SubscriptionRefusedError           SUBSCRIPTION_REFUSED
 * ├── PublishRefusedError                PUBLISH_REFUSED
 * ├── NestedCallError                    NESTED_TOO_DEEP (sync-errors.ts)
 * ├── RuntimeNotSupportedError           RUNTIME_NOT_SUPPORTED (sync-errors.ts)
 * └── ResponseException                  RESPONSE_ERROR (response-exception.ts)
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
 *     │   └── ConnectionFailedError      CONNECTION_FAILED (connection-failed-error.ts)
 *     └── ProxyingNotSupportedResponse   PROXYING_NOT_SUPPORTED
 */

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
  abstract readonly code: string;

  constructor(message: string, options: CauseOptions = {}) {
    // An explicit `cause: undefined` would show up in every printed error.
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}

/** The operation needs a connection and there is none. Nothing was sent. */
export class NotConnectedError extends GfMqttError {
  static {
    this.prototype.name = "NotConnectedError";
  }
  readonly code: string = "NOT_CONNECTED";
  /** What was asked for, as a verb: `"publish"`. */
  readonly operation: string;
  /** The broker's URL, without credentials. */
  readonly broker: string;

  constructor(operation: string, broker: string, options: NotConnectedOptions = {}) {
    super(
      options.message ?? `cannot ${operation}: not connected to ${broker}; call connect() first`,
      options,
    );
    this.operation = operation;
    this.broker = broker;
  }
}

/** Options of {@link NotConnectedError}. */
export interface NotConnectedOptions extends CauseOptions {
  /** The whole text, instead of the usual one. */
  readonly message?: string;
}

/** Options of {@link ClientClosedError}. */
export interface ClientClosedOptions extends NotConnectedOptions {
  /** The call was under way when the client closed; default false. */
  readonly wasPending?: boolean;
}

/**
 * The client is closed: by `disconnect()`, or because a first connect failed or reconnecting was given up.
 * A request that was under way then may still have been carried out.
 */
export class ClientClosedError extends NotConnectedError {
  static {
    this.prototype.name = "ClientClosedError";
  }
  override readonly code: string = "CLIENT_CLOSED";
  /** Whether the call was under way when the client closed; otherwise nothing of it was sent. */
  readonly wasPending: boolean;

  constructor(operation: string, broker: string, options: ClientClosedOptions = {}) {
    const { wasPending = false } = options;
    super(operation, broker, {
      message: wasPending
        ? `cannot ${operation}: the client for ${broker} was closed meanwhile; ` +
          "what was already sent may still have been carried out"
        : `cannot ${operation}: the client for ${broker} is closed; call connect() first`,
      ...options,
    });
    this.wasPending = wasPending;
  }
}

/**
 * The connection went while a call was waiting on it. Whether the message arrived is uncertain;
 * send it again only if doing it twice does no harm.
 */
export class LinkLostError extends GfMqttError {
  static {
    this.prototype.name = "LinkLostError";
  }
  readonly code = "LINK_LOST";
  /** The broker's URL, without credentials. */
  readonly broker: string;

  constructor(broker: string, options: CauseOptions = {}) {
    const why = options.cause instanceof Error ? ` (${lineText(options.cause.message, 200)})` : "";
    super(
      `lost the connection to ${broker}${why}; the message may or may not have arrived`,
      options,
    );
    this.broker = broker;
  }
}

/** One thing wrong with a payload. */
export interface PayloadIssue {
  /** Where: `header.request_id`, `body[3].x`; empty for the payload itself. */
  readonly path: string;
  /** What was expected there, and what was found. */
  readonly message: string;
}

const ISSUES_SHOWN = 5;

/** A payload breaks the protocol's rules, or holds what JSON cannot carry. Nothing was sent. */
export class PayloadValidationError extends GfMqttError {
  static {
    this.prototype.name = "PayloadValidationError";
  }
  readonly code = "INVALID_PAYLOAD";
  /** What was checked: `"request payload"`, `"body"`. */
  readonly subject: string;
  /** All that is wrong, at least one. */
  readonly issues: readonly PayloadIssue[];

  constructor(subject: string, issues: readonly PayloadIssue[], options: CauseOptions = {}) {
    const shown = issues
      .slice(0, ISSUES_SHOWN)
      .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    const hidden = issues.length - shown.length;
    if (hidden > 0) shown.push(`and ${hidden} more`);
    super(`invalid ${subject}: ${shown.join("; ")}`, options);
    this.subject = subject;
    this.issues = issues;
  }
}

/** A topic, a segment of one or a topic filter that MQTT does not allow (MQTT 5 §4.7). Nothing was sent. */
export class TopicError extends GfMqttError {
  static {
    this.prototype.name = "TopicError";
  }
  readonly code = "INVALID_TOPIC";
  /** What the value was for: `"subsystem"`, `"topic"`, `"topic filter"`. */
  readonly subject: string;
  /** The value that was refused. */
  readonly value: unknown;
  /** Why, as what would have been right. */
  readonly reason: string;

  constructor(subject: string, value: unknown, reason: string) {
    super(`invalid ${subject} ${valueText(value)}: ${reason}`);
    this.subject = subject;
    this.value = value;
    this.reason = reason;
  }
}

/** Stands for the value of an option that does not exist. */
const NO_SUCH_OPTION = Symbol("no such option");

/** An option has a value that it cannot have. Thrown where the option is given, never later. */
export class OptionError extends GfMqttError {
  static {
    this.prototype.name = "OptionError";
  }
  readonly code: string = "INVALID_OPTION";
  /** The option's name, dotted where nested: `reconnect.minDelayMs`. */
  readonly option: string;
  /** What was given; a placeholder where that may be a secret. */
  readonly value: unknown;
  /** What it has to be. */
  readonly expected: string;

  constructor(option: string, value: unknown, expected: string) {
    const name = JSON.stringify(option);
    super(
      value === NO_SUCH_OPTION
        ? `there is no option ${name}; expected ${expected}`
        : `option ${name} is ${valueText(value)}; expected ${expected}`,
    );
    this.option = option;
    this.value = value === NO_SUCH_OPTION ? undefined : value;
    this.expected = expected;
  }
}

/** There is no option of this name. Its value is not kept: it may be a secret under a wrong name. */
export class UnknownOptionError extends OptionError {
  static {
    this.prototype.name = "UnknownOptionError";
  }
  override readonly code: string = "UNKNOWN_OPTION";

  constructor(option: string, expected: string) {
    super(option, NO_SUCH_OPTION, expected);
  }
}

/** The broker refused a subscription (MQTT 5 §3.9.3). No message will arrive for this filter. */
export class SubscriptionRefusedError extends GfMqttError {
  static {
    this.prototype.name = "SubscriptionRefusedError";
  }
  readonly code = "SUBSCRIPTION_REFUSED";
  /** The topic filter that was refused. */
  readonly filter: string;
  /** The broker's reason, 128 or above. */
  readonly reasonCode: number;
  /** The broker's URL, without credentials. */
  readonly broker: string;

  constructor(filter: string, reasonCode: number, broker: string) {
    super(
      `${broker} refused the subscription to ${valueText(filter)}: ${reasonText(reasonCode)}; ` +
        "check that the broker's ACL lets this client read it",
    );
    this.filter = filter;
    this.reasonCode = reasonCode;
    this.broker = broker;
  }
}

/** The broker refused a message (MQTT 5 §3.4.2.1). Nobody has received it. */
export class PublishRefusedError extends GfMqttError {
  static {
    this.prototype.name = "PublishRefusedError";
  }
  readonly code = "PUBLISH_REFUSED";
  /** The topic of the message. */
  readonly topic: string;
  /** The broker's reason, 128 or above. */
  readonly reasonCode: number;
  /** The broker's URL, without credentials. */
  readonly broker: string;

  constructor(topic: string, reasonCode: number, broker: string) {
    super(
      `${broker} refused the message to ${valueText(topic)}: ${reasonText(reasonCode)}; ` +
        "check that the broker's ACL lets this client write to it",
    );
    this.topic = topic;
    this.reasonCode = reasonCode;
    this.broker = broker;
  }
}

const reasonText = (code: number): string => `${reasonCodeName(code)} (${code})`;
