import { InvalidArgumentError } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import type { ReplayFlags } from "../recording/replay-device.ts";
import { parseTarget } from "../requests/resource.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

const MOST_SPEED = 1_000_000;

const parseSpeed = (text: string): number => {
  const speed = Number(text);
  if (text.trim() !== "" && speed > 0 && speed <= MOST_SPEED) return speed;
  throw new InvalidArgumentError("It is a number above 0: 2 is twice as fast.");
};

export const configure: Configure = (command, cli) => {
  command
    .argument("<file>", "what `gf-mqtt record` wrote; - is the standard input")
    .option("--requests", "send the requests again and compare the answers")
    .option("--speed <factor>", "so many times as fast", parseSpeed, 1)
    .option("--target <identifier>", "another device than the recorded one", parseTarget)
    .option("--no-presence", "do not announce the device");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt replay night.jsonl.gz --speed 2", "is the recorded devices, and answers as they did"],
    ["gf-mqtt replay night.jsonl.gz --requests", "asks again, and tells which answers differ"],
  ]).action(async (file: string, flags: ReplayFlags) => {
    const [{ readRecording }, { exchangesOf }] = await Promise.all([
      import("../recording/recording-reader.ts"),
      import("../recording/recorded-exchanges.ts"),
    ]);
    const recording = await readRecording(file);
    const { namespace } = recording;
    const exchanges = exchangesOf(recording);
    const own = { namespace, ...flags, file };
    if (flags.requests === true) {
      const { replayRequests } = await import("../recording/replay-requests.ts");
      await replayRequests(cli, exchanges, own);
    } else {
      const { replayDevices } = await import("../recording/replay-device.ts");
      await replayDevices(cli, exchanges, own);
    }
  });
};
