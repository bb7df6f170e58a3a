import { systemClock } from "../../runtime/platform.ts";
import type { Clock } from "../../runtime/platform.ts";
import type { Deadline } from "../../runtime/deadline.ts";
import { SharedSignals } from "../../runtime/shared-signals.ts";
import {
  DURATION_MS,
  refuseUnknownOptions,
  signalValue,
  wholeNumber,
} from "../../options/checks.ts";
import { WAIT_OPTION_NAMES } from "../options/call-options.ts";
import { WatchTimeOver } from "./presence-watch.ts";

/** How long to watch. */
export interface PresenceOptions {
  /**
   * Ends it: the loop throws the signal's reason.
   * @default none
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Longest time in ms, counted from the call; then the loop ends.
   * @default without end
   */
  readonly timeoutMs?: number | undefined;
}

interface DeadlineParts {
  readonly clock: Clock;
  readonly signals: SharedSignals;
}

/**
 * When a watch ends.
 *
 * @throws {OptionError} an option is unknown or has a value that it cannot have.
 */
export const watchDeadline = (
  options: PresenceOptions,
  { clock, signals }: DeadlineParts = { clock: systemClock, signals: new SharedSignals() },
): Deadline => {
  refuseUnknownOptions(options, WAIT_OPTION_NAMES, "presence()");
  const { timeoutMs } = options;
  const signal = signalValue(options.signal);
  const leftMs =
    timeoutMs === undefined ? Infinity : wholeNumber("timeoutMs", timeoutMs, DURATION_MS);
  return {
    clock,
    expiresAt: clock.monotonicMs() + leftMs,
    signal: signal && signals.of(signal),
    timeoutError: () => new WatchTimeOver("the time of the watch is over"),
  };
};
