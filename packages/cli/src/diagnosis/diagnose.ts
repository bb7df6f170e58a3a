import { messageOf } from "../failures/message-of.ts";
import type { Check } from "./check.ts";
import { TooLate, untilAborted } from "./deadlines.ts";
import { failed, NotTold, unknown } from "./finding.ts";
import type { Finding, Verdict } from "./finding.ts";
import type { Probe } from "./probe.ts";

/** Beyond what its own waits add up to, none of which is longer than the timeout. */
const CHECK_TIMEOUTS = 4;

/** What a check that threw has found out. */
const verdictOn = (error: unknown): Verdict => {
  if (error instanceof NotTold) return unknown(error.message, error.advice);
  if (error instanceof TooLate) {
    return failed(error.message, "check the broker's load and the network, or give --timeout 20s");
  }
  return failed(messageOf(error), "see the broker's log");
};

/** Makes one check, which ends in time whatever it does. */
const makeCheck = async (
  { id, group, title, run }: Check,
  probe: Probe,
  signal: AbortSignal,
): Promise<Finding> => {
  const deadline = probe.within(CHECK_TIMEOUTS * probe.subject.timeoutMs);
  try {
    const verdict = await Promise.race([run(probe), untilAborted(deadline)]);
    return { id, group, title, ...verdict };
  } catch (error) {
    signal.throwIfAborted();
    return { id, group, title, ...verdictOn(error) };
  }
};

/** What ends a diagnosis early, and who hears of how far it is. */
export interface DiagnoseOptions {
  readonly signal: AbortSignal;
  readonly onStart?: (check: Check) => void;
}

/** Makes checks one after the other, since they would disturb each other's times; rejects where the signal fires. */
export const diagnose = async function* (
  checks: readonly Check[],
  probe: Probe,
  { signal, onStart = () => {} }: DiagnoseOptions,
): AsyncGenerator<Finding, void> {
  for (const check of checks) {
    if (check.isFor?.(probe) === false) continue;
    onStart(check);
    yield await makeCheck(check, probe, signal);
  }
};
