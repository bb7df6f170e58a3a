import type { Command } from "commander";

import type { Cli } from "./cli.ts";

/** Gives a command its arguments, its options and its action; its file under `commands/` exports it as `configure`. */
export type Configure = (command: Command, cli: Cli) => void;

/** A command line and what it does. */
export type Example = readonly [line: string, what: string];

/** Shows examples below the help of a command. */
export const addExamples = (command: Command, examples: readonly Example[]): Command =>
  command.addHelpText(
    "after",
    `\nExamples:\n${examples.map(([line, what]) => `  ${line}\n      ${what}`).join("\n")}`,
  );
