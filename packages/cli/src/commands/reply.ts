import { Argument, InvalidArgumentError, Option } from "commander";
import type { Method, ResponseCode } from "gf-mqtt-client";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import { durationMs } from "../flags/duration.ts";
import { METHODS } from "../flags/method.ts";
import { wholeNumber } from "../flags/number.ts";
import { parseResource, parseTarget } from "../requests/resource.ts";
import type { Resource } from "../requests/resource.ts";
import type { ReplyFlags } from "../mock/run-mock.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

/** Names of methods, with commas between them. */
const parseMethods = (text: string): readonly Method[] =>
  text.split(",").map((name) => {
    const method = METHODS.find((each) => each === name.trim().toUpperCase());
    if (method !== undefined) return method;
    throw new InvalidArgumentError(`It is one of ${METHODS.join(", ")}, or several with commas.`);
  });

// Written out as METHODS is: the library is not loaded for `--help`.
const CODES = [
  201, 202, 203, 204, 205, 400, 401, 402, 403, 404, 405, 406, 412, 413, 415, 500, 501, 502, 503,
  504, 505,
] as const satisfies readonly ResponseCode[];

const parseCode = (text: string): ResponseCode => {
  const code = CODES.find((each) => String(each) === text);
  if (code !== undefined) return code;
  throw new InvalidArgumentError(`It is one of ${CODES.join(", ")}.`);
};

export const configure: Configure = (command, cli) => {
  command
    .addArgument(new Argument("<target>", "identifier of the device").argParser(parseTarget))
    .addArgument(
      new Argument("<pattern>", "SUBSYSTEM/PATH; :name, * and ** as in routers").argParser(
        parseResource,
      ),
    )
    .option("--body <body>", "what to answer: JSON, or @file")
    .option("--text", "the body is a text, not JSON")
    .option(
      "--command <command>",
      "runs for each request, which it reads; what it prints is the body",
    )
    .option("--method <methods>", "those that are answered (default: all)", parseMethods)
    .option("--code <code>", "the response code (default: 205 to GET)", parseCode)
    .option("--delay <duration>", "how long to wait before", durationMs, 0)
    .option(
      "--times <count>",
      "answer so often, then 503",
      wholeNumber({ min: 1, max: Infinity }),
      Infinity,
    )
    .addOption(new Option("--no-presence", "do not announce the device"));
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    ["gf-mqtt reply pump-1 pump/speed --body 1200", "answers 1200 to every request for it"],
    ["gf-mqtt reply pump-1 'pump/**' --command 'date +%s'", "answers what the command prints"],
  ]).action(async (...[target, resource, flags]: [string, Resource, ReplyFlags]) => {
    const { runMock } = await import("../mock/run-mock.ts");
    await runMock(cli, { target, resource }, flags);
  });
};
