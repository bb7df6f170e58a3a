import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { startBench } from "../support/bench.ts";
import { runCli } from "../support/run-cli.ts";
import type { CliResult } from "../support/run-cli.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gf-mqtt-contexts-"));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> => runCli(args, { env: { XDG_CONFIG_HOME: folder, ...env } });
const context = (...args: readonly string[]): Promise<CliResult> => run(["context", ...args]);
const brokerOf = async (...args: readonly string[]): Promise<string> => {
  const shown = await run(["get", "x", "a/b", "--show-command", ...args]);
  return /--broker (\S+)/.exec(shown.stdout)?.[1] ?? "";
};

test("the first context is in use, `use` takes another one and `use -` the one before", async () => {
  await context("add", "lab", "--broker", "lab.example.com");
  await context("add", "home", "--broker", "home.example.com");
  expect(await brokerOf()).toBe("lab.example.com");
  await context("use", "home");
  expect(await brokerOf()).toBe("home.example.com");
  expect((await context("use", "-")).stdout).toBe("lab: lab.example.com, in use\n");
  expect(await brokerOf()).toBe("lab.example.com");
  expect(await brokerOf("--context", "home")).toBe("home.example.com");
  expect((await context("list")).stdout).toBe(
    "* lab   lab.example.com\n  home  home.example.com\n",
  );
});

test("what ranks higher names the broker: flags, the environment, the context", async () => {
  await context("add", "lab", "--broker", "lab.example.com");
  const env = { MQTT_BROKER_HOSTNAME: "env.example.com", MQTT_BROKER_PORT: "1884" };
  const shown = await run(["get", "x", "a/b", "--show-command"], env);
  expect(shown.stdout).toContain("--broker env.example.com:1884");
  const ipv6 = await run(["get", "x", "a/b", "--show-command"], {
    ...env,
    MQTT_BROKER_HOSTNAME: "::1",
  });
  expect(ipv6.stdout).toContain("--broker '[::1]:1884'");
  const flagged = await run(["get", "x", "a/b", "--show-command", "-b", "flag.example.com"], env);
  expect(flagged.stdout).toContain("--broker flag.example.com");
});

test("the password of a context does not go to another broker", async () => {
  const secret = join(folder, "secret");
  await writeFile(secret, "hush\n");
  await context("add", "lab", "--broker", "lab.example.com", "-u", "me", "--password-file", secret);
  await rm(secret);
  // Were it asked for, the missing file would be an error.
  expect(await brokerOf("--broker", "other.example.com")).toBe("other.example.com");
  expect(await brokerOf("--context", "lab", "--broker", "other.example.com")).toBe(
    "other.example.com",
  );
  expect((await run(["get", "x", "a/b", "--show-command"])).stderr).toContain(
    "cannot read the password file",
  );
});

test("the files of a context are found from any folder", async () => {
  await context("add", "lab", "--broker", "lab.example.com", "--password-file", "a/secret");
  const [{ passwordFile }] = JSON.parse((await context("list", "--json")).stdout) as [
    { passwordFile: string },
  ];
  expect(passwordFile).toBe(resolve("a/secret"));
});

test.each(["__proto__", "constructor", "a b"])("no context can be called %j", async (name) => {
  expect(await context("add", name, "--broker", "lab.example.com")).toMatchObject({ status: 2 });
});

test("a removed context is gone", async () => {
  await context("add", "lab", "--broker", "lab.example.com");
  expect((await context("remove", "lab")).stdout).toBe("lab is removed; none is in use now\n");
  expect((await context("list", "--json")).stdout).toBe("[]\n");
  expect(await context("remove", "lab")).toMatchObject({ status: 2 });
});

test("the file is for its owner alone and keeps no secret", async () => {
  await context("add", "lab", "--broker", "lab.example.com");
  const { mode } = await stat(join(folder, "gf-mqtt", "contexts.json"));
  expect(mode & 0o777).toBe(0o600);
  for (const broker of ["mqtt://u:p@h", "u:p@h", "mqtt://u:p/p@h", "wss://u:p@h/mqtt"]) {
    expect((await context("add", "a", "--broker", broker)).stderr).toContain("no secrets");
  }
  expect(await context("add", "a", "--broker", "wss://h/m@p")).toMatchObject({ status: 0 });
});

test("a file that holds something else is named", async () => {
  await context("add", "lab", "--broker", "lab.example.com");
  const file = join(folder, "gf-mqtt", "contexts.json");
  await writeFile(file, '{"contexts": {"lab": {"broker": 7}}}');
  expect((await context("list")).stderr).toContain(
    `${file} holds no contexts at contexts.lab.broker`,
  );
});

test("a password command logs in", async () => {
  await using bench = await startBench();
  await context("add", "lab", "--broker", bench.url, "-u", "me", "--password-command", "echo hush");
  expect(await run(["get", "2D_XX_0_9999", "axuv/ip"])).toMatchObject({ stdout: "127.0.0.1\n" });
});
