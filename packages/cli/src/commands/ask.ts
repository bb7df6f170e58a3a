import { Argument } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import { wholeNumber } from "../flags/number.ts";
import type { AskFlags } from "../requests/ask-many.ts";
import { parseResource, parseTarget } from "../requests/resource.ts";
import type { Resource } from "../requests/resource.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

/** The name of a group, or names of devices. */
const parseWhom = (text: string): readonly string[] => text.split(",").map(parseTarget);

export const configure: Configure = (command, cli) => {
  command
    .addArgument(
      new Argument(
        "<group>",
        "a group of devices (all: every one with presence), or A,B,C",
      ).argParser(parseWhom),
    )
    .addArgument(
      new Argument("<resource>", "SUBSYSTEM/PATH, as in axuv/gains").argParser(parseResource),
    )
    .option("--max <answers>", "end after so many", wholeNumber({ min: 1, max: Infinity }))
    .option("--token <token>", "an authentication token for the devices")
    .option("--full", "print all of a long body");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt ask all axuv/gains", "asks every device that announces itself, for 2s"],
    ["gf-mqtt ask 2D_XX_0_9999,2D_XX_0_9998 axuv/gains", "asks these two"],
  ]).action(async (...[names, resource, flags]: [readonly string[], Resource, AskFlags]) => {
    const { askMany } = await import("../requests/ask-many.ts");
    const [group = "", ...others] = names;
    const whom = others.length === 0 ? { group } : { targets: names };
    await askMany(cli, { whom, resource }, flags);
  });
};
