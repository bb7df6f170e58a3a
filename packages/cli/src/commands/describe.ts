import { Argument } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import type { DescribeFlags } from "../devices/describe-device.ts";
import { parseTarget } from "../requests/resource.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

export const configure: Configure = (command, cli) => {
  command
    .addArgument(new Argument("<target>", "identifier of the device").argParser(parseTarget))
    .addArgument(new Argument("<subsystem>", "the part of it").argParser(parseTarget))
    .option("--query <query>", "only resources with this: href=captures*, methods=PUT, unit=dB")
    .option("--schemas", "print the JSON Schemas of their bodies, too");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt describe 2D_XX_0_9999 axuv", "lists what it serves"],
    ["gf-mqtt describe 2D_XX_0_9999 axuv --query methods=PUT", "lists what can be set"],
  ]).action(async (...[target, subsystem, flags]: [string, string, DescribeFlags]) => {
    const { describeDevice } = await import("../devices/describe-device.ts");
    await describeDevice(cli, { target, subsystem }, flags);
  });
};
