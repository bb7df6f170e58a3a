import { GfMqttError } from "./gf-mqtt-error.ts";
import type { CauseOptions } from "./gf-mqtt-error.ts";
import { reasonCodeName } from "./reason-code.ts";
import { lineText, valueText } from "./value-text.ts";

/** The operation needs a connection and there is none. Nothing was sent. */
export class NotConnectedError extends GfMqttError {
  static {
    this.prototype.name = "NotConnectedError";
  }
  readonly code: "NOT_CONNECTED" | "CLIENT_CLOSED" | "WORKER_LOST" = "NOT_CONNECTED";
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
  override readonly code: "CLIENT_CLOSED" | "WORKER_LOST" = "CLIENT_CLOSED";
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
  /** Whether two links in a row went right after this call was sent, so that it was given up: most likely the broker does not bear it. */
  readonly isOverThisCall: boolean;

  constructor(broker: string, options: LinkLostOptions = {}) {
    const { cause, isOverThisCall = false } = options;
    const lost = `lost the connection to ${broker}`;
    const why = cause instanceof Error ? ` (${lineText(cause.message, 200)})` : "";
    super(
      isOverThisCall
        ? `${lost} right after this call was sent, twice; some brokers close the connection on a topic or ` +
            "a filter that they do not allow: check it, and what the broker's log says"
        : `${lost}${why}; the message may or may not have arrived`,
      options,
    );
    this.broker = broker;
    this.isOverThisCall = isOverThisCall;
  }
}

/** Options of {@link LinkLostError}. */
export interface LinkLostOptions extends CauseOptions {
  /** Two links in a row went right after the call was sent; default false. */
  readonly isOverThisCall?: boolean;
}

/**
 * The thread that does the work of a blocking client has ended, or does not answer any more; so has its
 * connection. What was already sent may still have been carried out. `connect()` starts another one.
 */
export class WorkerLostError extends ClientClosedError {
  static {
    this.prototype.name = "WorkerLostError";
  }
  override readonly code = "WORKER_LOST";

  constructor(operation: string, broker: string, options: WorkerLostOptions) {
    const { why, cause, wasPending = true } = options;
    const worker = `the worker thread of the client for ${broker}`;
    super(operation, broker, {
      cause,
      wasPending,
      message: wasPending
        ? `cannot ${operation}: ${worker} is gone (${why}); ` +
          "what was already sent may still have been carried out; connect() starts a new one"
        : `cannot ${operation}: ${worker} could not be started: ${why}`,
    });
  }
}

/** Options of {@link WorkerLostError}. */
export interface WorkerLostOptions extends CauseOptions {
  readonly why: string;
  /** `false`: the thread never started, and nothing was sent. Default true. */
  readonly wasPending?: boolean;
}

/** Why a broker refused something. */
export interface RefusalOptions {
  /** The broker's URL, without credentials. */
  readonly broker: string;
  /** Its reason, 128 or above. */
  readonly reasonCode: number;
  /** What it said beside that, if anything (MQTT 5 §2.2.2.2). */
  readonly explanation?: string | undefined;
  /** The whole text, instead of the usual one. */
  readonly message?: string;
}

const EXPLANATION_LENGTH = 200;

const refusalText = ({ reasonCode, explanation }: RefusalOptions): string => {
  const said = explanation === undefined ? "" : `, ${lineText(explanation, EXPLANATION_LENGTH)}`;
  return `${reasonCodeName(reasonCode)} (${String(reasonCode)})${said}`;
};

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

  constructor(filter: string, refusal: RefusalOptions) {
    const { broker, reasonCode, message } = refusal;
    super(
      message ??
        `${broker} refused the subscription to ${valueText(filter)}: ${refusalText(refusal)}; ` +
          "check that the broker's ACL lets this client read it",
    );
    this.filter = filter;
    this.reasonCode = reasonCode;
    this.broker = broker;
  }
}

/** The broker refused a message (MQTT 5 §3.4.2.1), or is known not to take it. Nobody has received it. */
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

  constructor(topic: string, refusal: RefusalOptions) {
    const { broker, reasonCode, message } = refusal;
    super(
      message ??
        `${broker} refused the message to ${valueText(topic)}: ${refusalText(refusal)}; ` +
          "check that the broker's ACL lets this client write to it",
    );
    this.topic = topic;
    this.reasonCode = reasonCode;
    this.broker = broker;
  }
}
