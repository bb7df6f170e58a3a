import type { CauseOptions } from "./gf-mqtt-error.ts";
import { connectReturnCodeName, reasonCodeName } from "./reason-code.ts";
import { GatewayTimeoutResponse } from "./error-responses.ts";
import { lineText, valueText } from "./value-text.ts";

/** What a {@link ConnectionFailedError} may know beside the broker. */
export interface ConnectionFailedOptions extends CauseOptions {
  /** Why the broker refused: a code of CONNACK, of MQTT 5 from 128 on, of MQTT 3.1.1 below. */
  readonly reasonCode?: number | undefined;
  /** What happened, in words for people; default: what `cause` says. */
  readonly reason?: string;
  /** What the broker said beside its code. */
  readonly explanation?: string;
  /** What to do next, where more is known than what to check in general. */
  readonly advice?: string;
  /** The identifier of the client. */
  readonly source?: string;
}

// 3.1.1: bad user name or password, not authorized; MQTT 5: the same (MQTT 5 §3.2.2.2).
const CREDENTIALS_REFUSED: ReadonlySet<number | undefined> = new Set([4, 5, 0x86, 0x87]);

const CAUSE_LENGTH = 200;

/** The message of an error, or what else it tells: dialling several addresses fails with none. */
const causeText = (cause: unknown): string => {
  if (!(cause instanceof Error)) return valueText(cause);
  if (cause instanceof ConnectionFailedError && typeof cause.detail === "string") {
    return cause.detail;
  }
  if (cause.message !== "") return lineText(cause.message, CAUSE_LENGTH);
  if (cause instanceof AggregateError && cause.errors.length > 0) {
    return [...new Set(cause.errors.map(causeText))].join(", ");
  }
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
};

const reasonText = (code: number): string =>
  `${code < 0x80 ? connectReturnCodeName(code) : reasonCodeName(code)} (${code})`;

const why = (options: ConnectionFailedOptions): string | undefined => {
  const { reasonCode, explanation, cause } = options;
  if (reasonCode !== undefined) {
    const said = explanation === undefined ? "" : `, ${lineText(explanation, CAUSE_LENGTH)}`;
    return `the broker refused: ${reasonText(reasonCode)}${said}`;
  }
  return options.reason ?? (cause === undefined ? undefined : causeText(cause));
};

const generalAdvice = ({ reasonCode, cause }: ConnectionFailedOptions): string => {
  // A call that gave up on dials that failed: what those found out counts.
  if (cause instanceof ConnectionFailedError && cause.hint !== undefined) return cause.hint;
  return CREDENTIALS_REFUSED.has(reasonCode)
    ? "check the username and password, then what the broker allows this client"
    : "check that the broker is running, its host name and port, the firewall, and the credentials";
};

/**
 * No connection to the broker came about. A {@link GatewayTimeoutResponse}, so that one handler
 * serves whoever cannot be reached; `detail` says why. Nothing was sent.
 */
export class ConnectionFailedError extends GatewayTimeoutResponse {
  static {
    this.prototype.name = "ConnectionFailedError";
  }
  override readonly code = "CONNECTION_FAILED";
  /** The broker's URL, without credentials. */
  readonly broker: string;
  /** Why the broker refused, if it did: a code of CONNACK, of MQTT 5 from 128 on, of MQTT 3.1.1 below. */
  readonly reasonCode: number | undefined;

  constructor(broker: string, options: ConnectionFailedOptions = {}) {
    const { reasonCode, source, cause, advice = generalAdvice(options) } = options;
    const reason = why(options);
    super(reason, {
      source,
      cause,
      hint: advice,
      message: `cannot connect to ${broker}${reason === undefined ? "" : `: ${reason}`}; ${advice}`,
    });
    this.broker = broker;
    this.reasonCode = reasonCode;
  }
}
