import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MQTTClient } from "gf-mqtt-client";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startBench } from "../support/bench.ts";
import type { Bench } from "../support/bench.ts";
import { runCli } from "../support/run-cli.ts";
import type { CliResult } from "../support/run-cli.ts";

let bench: Bench;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gf-mqtt-completion-"));
  bench = await startBench();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const run = (...args: readonly string[]): Promise<CliResult> =>
  runCli(args, { env: { XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder } });
const completed = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await run("complete", "--", ...words);
  return stdout
    .trimEnd()
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t")[0] ?? "");
};

test("commands, flags and their values are completed", async () => {
  expect(await completed("de")).toEqual(["demo", "delete", "devices", "describe"]);
  expect(await completed("get", "--ti")).toEqual(["--timeout"]);
  expect(await completed("get", "--qos", "")).toEqual(["0", "1", "2"]);
  expect(await completed("context", "")).toEqual(["add", "list", "use", "remove"]);
  expect(await completed("completion", "")).toEqual(["bash", "zsh", "fish"]);
});

test("devices and resources that commands have met are completed", async () => {
  expect(await completed("get", "")).toEqual([]);
  await run("describe", "2D_XX_0_9999", "axuv", "-b", bench.url);
  await run("get", "2D_XX_0_9999", "axuv/resources/7", "-b", bench.url);
  expect(await completed("get", "2D")).toEqual(["2D_XX_0_9999"]);
  expect(await completed("put", "2D_XX_0_9999", "axuv/ga")).toEqual(["axuv/gains"]);
  expect(await completed("describe", "2D_XX_0_9999", "")).toEqual(["axuv"]);
});

test("contexts and files are completed", async () => {
  await run("context", "add", "lab", "--broker", "lab.example.com");
  expect(await completed("get", "--context", "")).toEqual(["lab"]);
  expect(await completed("context", "use", "")).toEqual(["lab"]);
  expect(await completed("replay", `${folder}/gf`)).toEqual([`${folder}/gf-mqtt/`]);
});

test("names from the network that a shell would run are not kept", async () => {
  const names = ["$(reboot)", "a b", "x;y", "good-1"];
  const devices = names.map(
    (identifier) => new MQTTClient({ broker: bench.url, identifier, presence: true }),
  );
  await Promise.all(devices.map((device) => device.connect()));
  await run("devices", "-b", bench.url);
  await Promise.all(devices.map((device) => device.disconnect()));
  const cache = await readFile(join(folder, "gf-mqtt", "devices.json"), "utf8");
  expect(Object.keys(JSON.parse(cache) as object)).toEqual(["2D_XX_0_9999", "good-1"]);
});

test("the script for bash completes what is typed there", async () => {
  const lines = [
    'eval "$(gf-mqtt completion bash)"',
    // What the package bash-completion brings, and what bash has while somebody types.
    "_get_comp_words_by_ref() { words=(gf-mqtt get 2D_XX_0_9999 axuv/ga); cur=axuv/ga; cword=3; }",
    "compopt() { :; }",
    "COMP_TYPE=9",
    "__gf_mqtt_complete",
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ];
  const { stdout } = await runCli([lines.join("\n")], {
    inShell: true,
    env: { XDG_CACHE_HOME: folder },
  });
  expect(stdout).toContain("axuv/gains");
});
