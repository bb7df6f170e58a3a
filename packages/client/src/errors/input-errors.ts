import { GfMqttError } from "./gf-mqtt-error.ts";
import type { CauseOptions } from "./gf-mqtt-error.ts";
import { valueText } from "./value-text.ts";

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
  readonly code: "INVALID_OPTION" | "UNKNOWN_OPTION" = "INVALID_OPTION";
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
  override readonly code = "UNKNOWN_OPTION";

  constructor(option: string, expected: string) {
    super(option, NO_SUCH_OPTION, expected);
  }
}

/** A handler of a blocking client called it while too many of its handlers waited for calls already. */
export class NestedCallError extends GfMqttError {
  static {
    this.prototype.name = "NestedCallError";
  }
  readonly code = "NESTED_TOO_DEEP";
  /** What was asked for, as a verb: `"request"`. */
  readonly operation: string;
  /** How many handlers were under way, one within the call of the other. */
  readonly depth: number;

  constructor(operation: string, depth: number) {
    super(
      `cannot ${operation} from this handler: ${String(depth)} handlers wait for calls of their own already, ` +
        "one within the other, and no more are started; let a handler answer before it calls",
    );
    this.operation = operation;
    this.depth = depth;
  }
}

/** The runtime lacks what the class takes. Thrown by its constructor. */
export class RuntimeNotSupportedError extends GfMqttError {
  static {
    this.prototype.name = "RuntimeNotSupportedError";
  }
  readonly code = "RUNTIME_NOT_SUPPORTED";
  /** What cannot be had here: `"SyncMQTTClient"`. */
  readonly feature: string;
  /** Why, and what to do instead. */
  readonly reason: string;

  constructor(feature: string, reason: string) {
    super(`${feature} does not work here: ${reason}`);
    this.feature = feature;
    this.reason = reason;
  }
}
