import { Argument } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import { wholeNumber } from "../flags/number.ts";
import { parseTarget } from "../requests/resource.ts";
import type { ServeFlags } from "../serving/serve-device.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

const MOST_SEED = 0xffff_ffff;

export const configure: Configure = (command, cli) => {
  command
    .addArgument(
      new Argument(
        "<what>",
        "instrument, or a file: FILE.json with resources, FILE.js with handlers",
      ),
    )
    .option(
      "--target <identifier>",
      "identifier of the device (default: from the file)",
      parseTarget,
    )
    .option("--seed <number>", "of the instrument's noise", wholeNumber({ min: 0, max: MOST_SEED }))
    .option("--no-presence", "do not announce the device");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt serve instrument", "a simulated instrument, called 2D_XX_0_9999"],
    ["gf-mqtt serve pump.json --target pump-1", "what the file describes"],
  ]).action(async (what: string, flags: ServeFlags & { readonly seed?: number }) => {
    const [{ findServed }, { serveDevice }] = await Promise.all([
      import("../serving/served.ts"),
      import("../serving/serve-device.ts"),
    ]);
    await serveDevice(cli, await findServed(what, flags.seed), flags);
  });
};
