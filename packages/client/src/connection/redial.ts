import type { Clock } from "../runtime/platform.ts";
import { pause } from "../runtime/deadline.ts";
import type { Logger } from "../runtime/logger.ts";
import type { BackoffBounds } from "./backoff.ts";
import { backoffDelayMs } from "./backoff.ts";

/** What dialling anew takes. */
export interface RedialPorts {
  readonly clock: Clock;
  readonly reconnect: BackoffBounds;
  readonly random: () => number;
  readonly logger: Logger | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** The number of the next attempt, from 1; undefined: none is to be made. */
  readonly nextAttempt: () => number | undefined;
  readonly dial: () => Promise<void>;
  readonly onFailed: (error: unknown) => void;
}

/** Replaces a lost link: dials, with a pause before each attempt, until one succeeds or none is to be made. */
export const redial = async (ports: RedialPorts): Promise<void> => {
  const { clock, reconnect, random, logger, signal, nextAttempt, dial, onFailed } = ports;
  for (let attempt = nextAttempt(); attempt !== undefined; attempt = nextAttempt()) {
    try {
      const delayMs = backoffDelayMs(attempt, reconnect, random());
      logger?.debug({ attempt, delayMs }, "waiting before the next dial");
      await pause(clock, delayMs, signal);
      await dial();
      // The loss of the new link starts its own attempts.
      return;
    } catch (error) {
      if (signal.aborted) return;
      logger?.warn({ attempt, error }, "could not reconnect to the broker");
      onFailed(error);
    }
  }
};
