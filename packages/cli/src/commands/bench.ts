import { Argument, Option } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import { durationMs } from "../flags/duration.ts";
import { METHODS } from "../flags/method.ts";
import { positiveNumber, wholeNumber } from "../flags/number.ts";
import type { BenchFlags } from "../load/bench-flags.ts";
import { parseResource, parseTarget } from "../requests/resource.ts";
import type { Resource } from "../requests/resource.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

const DEFAULT_CONCURRENCY = 64;
const MOST_CONCURRENT = 10_000;
const LONGEST_BODY_BYTES = 64_000_000;

export const configure: Configure = (command, cli) => {
  command
    .addArgument(new Argument("<target>", "identifier of the device").argParser(parseTarget))
    .addArgument(
      new Argument("<resource>", "SUBSYSTEM/PATH, as in axuv/gains").argParser(parseResource),
    )
    .option(
      "-c, --concurrency <count>",
      "requests under way at once",
      wholeNumber({ min: 1, max: MOST_CONCURRENT }),
      DEFAULT_CONCURRENCY,
    )
    .option(
      "-n, --requests <count>",
      "how many (default: 10000, or as many as --duration has room for)",
      wholeNumber({ min: 1, max: Infinity }),
    )
    .option("--duration <duration>", "start none after that", durationMs)
    .option(
      "--rate <count>",
      "so many a second; latency counts from the planned start",
      positiveNumber,
    )
    .addOption(
      new Option(
        "--method <name>",
        "GET, PUT, POST or DELETE (default: GET, POST with a body)",
      ).choices(METHODS),
    )
    .option("--body <body>", "JSON or @file, sent with each")
    .option(
      "--payload-bytes <count>",
      "a body of so many bytes",
      wholeNumber({ min: 2, max: LONGEST_BODY_BYTES }),
    )
    .option("--serve", "bring a device of this name, too, that answers");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt bench 2D_XX_0_9999 axuv/gains -n 1000", "how fast the device answers"],
    [
      "gf-mqtt bench bench-1 any/path --serve -c 8 --rate 500 --duration 2s",
      "how fast the broker is",
    ],
  ]).action(async (...[target, resource, flags]: [string, Resource, BenchFlags]) => {
    const { runBench } = await import("../load/run-bench.ts");
    await runBench(cli, { target, ...resource }, flags);
  });
};
