import type { Group, Verdict } from "./finding.ts";
import type { Probe } from "./probe.ts";

/** Looks at one thing. What it throws is a verdict, too: `NotTold` that nothing can be told. */
export interface Check {
  /** Stable: `GROUP.WHAT`. */
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  /** Whether there is anything to look at; default: always. */
  readonly isFor?: (probe: Probe) => boolean;
  readonly run: (probe: Probe) => Promise<Verdict>;
}
