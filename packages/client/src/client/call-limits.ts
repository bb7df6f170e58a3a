import { orDefault } from "../protocol/option-names.ts";
import { GatewayTimeoutResponse } from "../protocol/server-error-response.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Limits } from "../runtime/wait.ts";
import type { WaitOptions } from "./calls.ts";
import { DURATION_MS, signalValue, wholeNumber } from "./option-checks.ts";
import type { ClientSettings } from "./settings.ts";

/** The settings that decide when a call gives up. */
interface CallSettings extends Pick<ClientSettings, "signals" | "timeoutMs"> {
  readonly clock: Clock;
}

/**
 * When a call gives up, counted from now.
 *
 * @param timeoutError - makes the error of a call that took longer than the given number of ms.
 */
export const callLimits = (
  { clock, signals, timeoutMs: defaultMs }: CallSettings,
  options: WaitOptions,
  timeoutError: (timeoutMs: number) => Error,
): Limits => {
  const timeoutMs = wholeNumber("timeoutMs", orDefault(options.timeoutMs, defaultMs), DURATION_MS);
  const signal = signalValue(options.signal);
  return {
    clock,
    expiresAt: clock.monotonicMs() + timeoutMs,
    signal: signal === undefined ? undefined : signals.of(signal),
    timeoutError: () => timeoutError(timeoutMs),
  };
};

/** The same for a call that ends in {@link GatewayTimeoutResponse}, naming what it was to do. */
export const operationLimits = (
  settings: CallSettings & Pick<ClientSettings, "identifier">,
  options: WaitOptions,
  operation: string,
): Limits =>
  callLimits(settings, options, (timeoutMs) => {
    const detail = `could not ${operation} within ${String(timeoutMs)} ms`;
    return new GatewayTimeoutResponse(detail, { source: settings.identifier });
  });
