import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import type { DevicesFlags } from "../devices/watch-devices.ts";
import { durationMs } from "../flags/duration.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

const DEFAULT_WAIT_MS = 1_000;

export const configure: Configure = (command, cli) => {
  command
    .option("-w, --watch", "go on telling who comes and goes")
    .option("--wait <duration>", "how long to listen (default: 1s)", durationMs, DEFAULT_WAIT_MS);
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt devices", "lists the devices that announce themselves"],
    ["gf-mqtt devices --watch", "a line for each that comes or goes, until Ctrl-C"],
  ]).action(async (flags: DevicesFlags) => {
    const { watchDevices } = await import("../devices/watch-devices.ts");
    await watchDevices(cli, flags);
  });
};
