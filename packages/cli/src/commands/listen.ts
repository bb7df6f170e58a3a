import { InvalidArgumentError } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import { durationMs } from "../flags/duration.ts";
import { wholeNumber } from "../flags/number.ts";
import { addOutputOptions } from "../terminal/output-options.ts";
import type { ListenFlags } from "../traffic/listen.ts";

const parseCode = (text: string): string => {
  if (/^\d[\dx]{2}$/i.test(text)) return text;
  throw new InvalidArgumentError("It is a code, as 404, or a class of codes, as 4xx.");
};

export const configure: Configure = (command, cli) => {
  command
    .argument("[filters...]", "topic filters (default: the namespace's, gf_int_v1/#)")
    .option("--target <identifier>", "only what a device gets or sends")
    .option("--subsystem <name>", "only one part of the devices")
    .option("--path <pattern>", "only this resource; * stands for anything")
    .option("--method <method>", "only requests with this method, and their answers")
    .option("--code <code>", "only responses with this code: 404, 4xx", parseCode)
    .option("--stats", "a table of the resources instead of lines")
    .option("--full", "do not cut long lines")
    .option(
      "--count <events>",
      "end after so many",
      wholeNumber({ min: 1, max: Infinity }),
      Infinity,
    )
    .option("--duration <duration>", "end after this time", durationMs);
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt listen", "all requests, responses and events as they pass"],
    ["gf-mqtt listen --target 2D_XX_0_9999 --code 5xx", "what goes wrong in one device"],
  ]).action(async (filters: readonly string[], flags: ListenFlags) => {
    const { listen } = await import("../traffic/listen.ts");
    await listen(cli, filters, flags);
  });
};
