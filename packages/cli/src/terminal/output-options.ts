import type { Command } from "commander";

/** How a command prints. */
export interface OutputFlags {
  /** One document, or one a line. */
  readonly json?: boolean;
  /** The result alone. */
  readonly quiet?: boolean;
}

/** Adds them to a command. */
export const addOutputOptions = (command: Command): Command =>
  command
    .option("--json", "print JSON for programs: one document, or one a line")
    .option("-q, --quiet", "print the result alone");
