import { COMMANDS } from "./command-table.ts";
import { CONNECTION_OPTIONS } from "./connecting/connection-options.ts";

/** Options of a connection may stand before the command's name; commander wants them behind it. */
export interface CommandLine {
  /** The command that is asked for, or asked about by `help`. */
  readonly name: string | undefined;
  readonly args: readonly string[];
}

const isCommand = (text: string | undefined): boolean => COMMANDS.some(({ name }) => name === text);

const optionOf = (text: string): (typeof CONNECTION_OPTIONS)[number] | undefined =>
  CONNECTION_OPTIONS.find(({ short, long }) => text === short || text === long);

/** Moves options that stand before the command's name behind it. */
export const arrange = (argv: readonly string[]): CommandLine => {
  let at = 0;
  for (; at < argv.length; at += 1) {
    const text = argv[at] ?? "";
    if (!text.startsWith("-")) break;
    const option = optionOf(text);
    const next = argv[at + 1];
    // The value of an option; an optional one is not taken for a command.
    if (option?.required === true || (option?.optional === true && !isCommand(next))) at += 1;
  }
  const name = argv[at];
  if (name === "help") return { name: argv[at + 1], args: argv };
  if (!isCommand(name) || name === undefined) return { name: undefined, args: argv };
  return { name, args: [name, ...argv.slice(0, at), ...argv.slice(at + 1)] };
};
