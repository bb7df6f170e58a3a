import { orDefault } from "../../options/option-names.ts";
import { GatewayTimeoutResponse } from "../../errors/error-responses.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Deadline } from "../../runtime/deadline.ts";
import type { WaitOptions } from "./call-options.ts";
import { DURATION_MS, signalValue, wholeNumber } from "../../options/option-checks.ts";
import type { ClientSettings } from "./settings.ts";

/** The settings that decide when a call gives up. */
interface CallSettings extends Pick<ClientSettings, "signals" | "timeoutMs"> {
  readonly clock: Clock;
}

/**
 * When a call gives up, counted from now.
 *
 * @param timeoutError - makes the error of a call that took longer than the given number of ms; `why`
 *   tells what kept its link from coming about, where it waited for one to the end.
 */
export const callDeadline = (
  { clock, signals, timeoutMs: defaultMs }: CallSettings,
  options: WaitOptions,
  timeoutError: (timeoutMs: number, why: Error | undefined) => Error,
): Deadline => {
  const timeoutMs = wholeNumber("timeoutMs", orDefault(options.timeoutMs, defaultMs), DURATION_MS);
  const signal = signalValue(options.signal);
  return {
    clock,
    expiresAt: clock.monotonicMs() + timeoutMs,
    signal: signal === undefined ? undefined : signals.of(signal),
    timeoutError: (why) => timeoutError(timeoutMs, why),
  };
};

/** The same for a call that ends in {@link GatewayTimeoutResponse}, naming what it was to do. */
export const operationDeadline = (
  settings: CallSettings & Pick<ClientSettings, "identifier">,
  options: WaitOptions,
  operation: string,
): Deadline =>
  callDeadline(settings, options, (timeoutMs, cause) => {
    const detail = `could not ${operation} within ${String(timeoutMs)} ms`;
    return new GatewayTimeoutResponse(detail, { source: settings.identifier, cause });
  });
