import { Argument } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import type { PingFlags } from "../devices/ping-device.ts";
import { durationMs } from "../flags/duration.ts";
import { wholeNumber } from "../flags/number.ts";
import { PRESENCE, parseResource, parseTarget } from "../requests/resource.ts";
import type { Resource } from "../requests/resource.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

const DEFAULT_COUNT = 4;
const DEFAULT_EVERY_MS = 1_000;

export const configure: Configure = (command, cli) => {
  command
    .addArgument(new Argument("<target>", "identifier of the device").argParser(parseTarget))
    .addArgument(
      new Argument("[resource]", "what to ask for: any answer counts")
        .argParser(parseResource)
        .default(PRESENCE, `${PRESENCE.subsystem}/${PRESENCE.path}`),
    )
    .option(
      "-c, --count <times>",
      "how often",
      wholeNumber({ min: 1, max: Infinity }),
      DEFAULT_COUNT,
    )
    .option(
      "--every <duration>",
      "from one to the next (default: 1s)",
      durationMs,
      DEFAULT_EVERY_MS,
    );
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt ping 2D_XX_0_9999", "asks a device that announces itself"],
    ["gf-mqtt ping 2D_XX_0_9999 axuv/status -c 10", "asks any device, ten times"],
  ]).action(async (...[target, resource, flags]: [string, Resource, PingFlags]) => {
    const { pingDevice } = await import("../devices/ping-device.ts");
    await pingDevice(cli, { target, ...resource }, flags);
  });
};
