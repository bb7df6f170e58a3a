import { expect } from "vitest";

import { runCli } from "./run-cli.ts";

interface Finding {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly status: "ok" | "failed" | "unknown";
  readonly text: string;
  readonly advice: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What `doctor --json` has said. */
export interface Diagnosis {
  readonly status: number | null;
  readonly document: { readonly broker: string; readonly connected: boolean; readonly ok: boolean };
  readonly findings: readonly Finding[];
  readonly of: (id: string) => Finding;
  /** The ids of the checks that failed. */
  readonly failures: readonly string[];
}

/** Lets the doctor look at a broker. */
export const examine = async (...args: readonly string[]): Promise<Diagnosis> => {
  const { status, stdout, stderr } = await runCli(["doctor", "--json", ...args]);
  expect(stderr).toBe("");
  const { checks, ...document } = JSON.parse(stdout) as Diagnosis["document"] & {
    readonly checks: readonly Finding[];
  };
  return {
    status,
    document,
    findings: checks,
    of: (id) => {
      const finding = checks.find((each) => each.id === id);
      if (finding === undefined) throw new Error(`there is no check ${id}`);
      return finding;
    },
    failures: checks.filter((each) => each.status === "failed").map(({ id }) => id),
  };
};
