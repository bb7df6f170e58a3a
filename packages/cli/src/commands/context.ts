import { Option } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import {
  addContext,
  listContexts,
  removeContext,
  useContext,
} from "../contexts/context-actions.ts";
import type { ContextFlags } from "../contexts/context-actions.ts";
import { CONNECTION_OPTIONS } from "../connecting/connection-options.ts";

/** A context holds no secret, and is none of itself. */
const KEPT_OPTIONS = CONNECTION_OPTIONS.filter(
  ({ long }) => !["--context", "--password", "--verbose"].includes(long ?? ""),
);

export const configure: Configure = (command, cli) => {
  const add = command.command("add <name>").description("keep a broker under a name");
  for (const option of KEPT_OPTIONS) add.addOption(option);
  add
    .addOption(new Option("--password-command <command>", "its first line is the password"))
    .option("--force", "replace the one of this name")
    .action((name: string, flags: ContextFlags) => addContext(cli, name, flags));
  command
    .command("list")
    .description("all of them; * is in use")
    .option("--json", "print JSON")
    .action((flags: { readonly json?: boolean }) => listContexts(cli, flags));
  command
    .command("use <name>")
    .description("take it from now on; - is the one before")
    .action((name: string) => useContext(cli, name));
  command
    .command("remove <name>")
    .description("forget it")
    .action((name: string) => removeContext(cli, name));
  addExamples(command, [
    ["gf-mqtt context add lab --broker mqtts://broker.example.com", "keeps it as lab"],
    ["gf-mqtt context use lab", "commands without --broker go there"],
  ]);
};
