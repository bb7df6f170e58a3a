import { ClientClosedError, GfMqttError } from "./errors.ts";
import type { CauseOptions } from "./errors.ts";

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

/**
 * The thread that does the work of a blocking client has ended, or does not answer any more; so has its
 * connection. What was already sent may still have been carried out. `connect()` starts another one.
 */
export class WorkerLostError extends ClientClosedError {
  static {
    this.prototype.name = "WorkerLostError";
  }
  override readonly code: string = "WORKER_LOST";

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
