import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MQTTClient } from "gf-mqtt-client";
import { afterEach, beforeEach, expect, test } from "vitest";

import { COMMANDS } from "../src/command-table.ts";
import { startBench } from "./support/bench.ts";
import type { Bench } from "./support/bench.ts";
import { runCli, startCli } from "./support/run-cli.ts";

/** The examples that the help of a command shows. */
const examplesOf = async (name: string): Promise<readonly string[]> => {
  const { stdout } = await runCli([name, "--help"]);
  const [, examples = ""] = stdout.split("Examples:\n");
  return examples.split("\n").flatMap((line) => /^ {2}(gf-mqtt .*)$/.exec(line)?.[1] ?? []);
};

const examples = (
  await Promise.all(COMMANDS.map(async ({ name }) => ({ name, lines: await examplesOf(name) })))
).map(({ name, lines }) => [name, lines] as const);

test.each(examples)("the help of %s has two examples", (_name, lines) => {
  expect(lines.length).toBeGreaterThanOrEqual(2);
});

/** What goes on until Ctrl-C. */
const GOES_ON =
  /^gf-mqtt (?:listen|record|serve|reply|broker)\b|--watch|--stay|^gf-mqtt replay .*--speed/;
/** It takes the ports that are usual, which another broker may have. */
const FIXED_PORTS = "gf-mqtt broker";

let bench: Bench;
let folder = "";
let env: Readonly<Record<string, string>> = {};
beforeEach(async () => {
  bench = await startBench();
  folder = await mkdtemp(join(tmpdir(), "gf-mqtt-examples-"));
  const { hostname, port } = new URL(bench.url);
  const folders = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  env = { MQTT_BROKER_HOSTNAME: hostname, MQTT_BROKER_PORT: port, ...folders };
  await writeFile(join(folder, "run.json"), '{"name": "run 7"}');
  await writeFile(join(folder, "pump.json"), '{"subsystems": {"pump": {"speed": 1200}}}');
  await using client = await new MQTTClient({ broker: bench.url }).connect();
  const axuv = client.device("2D_XX_0_9999", "axuv");
  await axuv.post("resources", { name: "run" });
  await axuv.post("arm");
  await axuv.post("trigger");
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What an example takes for granted. */
const prepare = async (line: string): Promise<void> => {
  const inFolder = { env, cwd: folder };
  if (line.includes("context use")) {
    await runCli(["context", "add", "lab", "--broker", "lab.example.com"], inFolder);
  }
  if (!line.includes("replay")) return;
  await using recording = startCli(["record", "night.jsonl.gz", "--count", "3"], inFolder);
  await recording.printed("recording");
  // The status, which is retained, a request and its answer.
  await runCli(["get", "2D_XX_0_9999", "axuv/ip"], inFolder);
  await recording.ended;
};

const lines = examples.flatMap(([, each]) => each).filter((line) => line !== FIXED_PORTS);

test.each(lines)("%s", async (line) => {
  await prepare(line);
  await using running = startCli([`exec ${line}`], { inShell: true, env, cwd: folder });
  if (GOES_ON.test(line)) {
    await running.printed(/\S/);
    expect(await running.stop()).toMatchObject({ status: 130 });
  } else {
    const { status, stderr } = await running.ended;
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  }
});
