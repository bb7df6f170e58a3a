import type { Deadline } from "../../src/runtime/deadline.ts";
import { ManualClock } from "../runtime/manual-clock.ts";

/** The error of a call that reached its deadline. */
const TOO_LATE = new Error("too late");

/** A deadline so many ms ahead, on a clock that stands still unless it is moved. */
export const endsIn = (
  ms: number,
  { clock = new ManualClock(), signal }: { clock?: ManualClock; signal?: AbortSignal } = {},
): Deadline & { readonly clock: ManualClock } => ({
  clock,
  expiresAt: clock.monotonicMs() + ms,
  signal,
  timeoutError: () => TOO_LATE,
});
