import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import { durationMs } from "../flags/duration.ts";
import { wholeNumber } from "../flags/number.ts";
import type { RecordFlags } from "../recording/record.ts";

export const configure: Configure = (command, cli) => {
  command
    .argument("<file>", "where to; packed where it ends in .gz; - is the standard output")
    .argument("[filters...]", "topic filters (default: the namespace's, gf_int_v1/#)")
    .option(
      "--count <messages>",
      "end after so many",
      wholeNumber({ min: 1, max: Infinity }),
      Infinity,
    )
    .option("--duration <duration>", "end after this time", durationMs)
    .option("--force", "replace the file")
    .option("-q, --quiet", "print nothing but errors");
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt record night.jsonl.gz", "records all traffic until Ctrl-C"],
    [
      "gf-mqtt record pump.jsonl 'gf_int_v1/+/+/pump-1/+' --duration 1m",
      "one device, for a minute",
    ],
  ]).action(async (...[file, filters, flags]: [string, readonly string[], RecordFlags]) => {
    const { record } = await import("../recording/record.ts");
    await record(cli, { file, filters }, flags);
  });
};
