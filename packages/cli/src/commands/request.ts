import { Argument } from "commander";
import type { Command } from "commander";
import type { Method } from "gf-mqtt-client";

import type { Configure, Example } from "../command.ts";
import { addExamples } from "../command.ts";
import { addConnectionOptions } from "../connecting/connection-options.ts";
import { durationMs } from "../flags/duration.ts";
import { wholeNumber } from "../flags/number.ts";
import type { RequestFlags } from "../requests/request-flags.ts";
import { parseResource, parseTarget } from "../requests/resource.ts";
import type { Resource } from "../requests/resource.ts";
import { addOutputOptions } from "../terminal/output-options.ts";

const TARGET = new Argument("<target>", "identifier of the device").argParser(parseTarget);
const BODY = new Argument(
  "[body...]",
  "JSON, key=text and key:=JSON pairs, @file, or - for the standard input",
);

const addRequestOptions = (command: Command): Command =>
  command
    .option("--token <token>", "an authentication token for the device")
    .option("--correlation-id <uuid>", "groups the requests of a batch")
    .option("--retry <attempts>", "send it so often at most", wholeNumber({ min: 1, max: 1_000 }))
    .option("--repeat <times>", "ask so often", wholeNumber({ min: 1, max: Infinity }))
    .option(
      "--every <duration>",
      "from one to the next (default: 1s); alone: until Ctrl-C",
      durationMs,
    )
    .option("-o, --output <file>", "write the body to a file")
    .option("--plot", "draw the numbers of the body")
    .option("--full", "print all of a long list")
    .option("-i, --include", "print code and header, too")
    .option("--show-command", "print what would be sent, and send nothing");

/** A command that sends a request with a method. */
const withMethod =
  (method: Method, examples: readonly Example[]): Configure =>
  (command, cli) => {
    command
      .addArgument(TARGET)
      .addArgument(
        new Argument("<resource>", "SUBSYSTEM/PATH, as in axuv/gains").argParser(parseResource),
      )
      .addArgument(BODY)
      .option("--text", "the body is a text, not JSON");
    addRequestOptions(command);
    addOutputOptions(command);
    addConnectionOptions(command);
    addExamples(command, examples).action(
      async (...[target, resource, words, flags]: [string, Resource, string[], RequestFlags]) => {
        const { runRequest } = await import("../requests/run-request.ts");
        await runRequest(cli, { method, target, resource, words, flags });
      },
    );
  };

export const get: Configure = withMethod("GET", [
  ["gf-mqtt get 2D_XX_0_9999 axuv/gains", "prints the gains"],
  ["gf-mqtt get 2D_XX_0_9999 axuv/data --plot", "draws what was recorded"],
]);

export const put: Configure = withMethod("PUT", [
  ["gf-mqtt put 2D_XX_0_9999 axuv/gains '[1, 2, 4, 8]'", "sets the gains"],
  ["gf-mqtt put 2D_XX_0_9999 axuv/resources/1 name=run number:=7", "sends an object"],
]);

export const post: Configure = withMethod("POST", [
  ["gf-mqtt post 2D_XX_0_9999 axuv/arm", "lets the instrument wait for a trigger"],
  ["gf-mqtt post 2D_XX_0_9999 axuv/resources @run.json", "creates one from a file"],
]);

export const remove: Configure = withMethod("DELETE", [
  ["gf-mqtt delete 2D_XX_0_9999 axuv/resources/1", "removes it"],
  ["gf-mqtt delete 2D_XX_0_9999 axuv/resources/1 --retry 3", "sends it up to three times"],
]);
