import type { Wait } from "./calling-thread.ts";
import type { Call } from "./messages.ts";

/** The function that the user has called: errors point to whoever called it. */
export type Entry = (...args: never) => unknown;

/** A call with its wait; `entry` where the user called another function than the client's method of this name. */
export interface BlockingCall extends Call {
  readonly wait: Wait;
  readonly entry?: Entry | undefined;
}
