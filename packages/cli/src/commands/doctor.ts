import { Argument, Option } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import type { DoctorFlags } from "../diagnosis/run-doctor.ts";
import { parseResource, parseTarget } from "../requests/resource.ts";
import type { Resource } from "../requests/resource.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

export const configure: Configure = (command, cli) => {
  command
    .addArgument(
      new Argument("[resource]", "SUBSYSTEM/PATH of the device to ask for").argParser(
        parseResource,
      ),
    )
    .addOption(
      new Option("--target <device>", "find out why this device does not answer").argParser(
        parseTarget,
      ),
    );
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt doctor", "what is wrong with the broker, if anything"],
    ["gf-mqtt doctor --target 2D_XX_0_9999 axuv/gains", "why this device does not answer"],
  ]).action(async (...[resource, flags]: [Resource | undefined, DoctorFlags]) => {
    const { runDoctor } = await import("../diagnosis/run-doctor.ts");
    await runDoctor(cli, resource, flags);
  });
};
