import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROKERS, startBench } from "../support/bench.ts";
import type { Bench } from "../support/bench.ts";
import { runCli, startCli } from "../support/run-cli.ts";
import type { CliResult } from "../support/run-cli.ts";

const DEVICE = "2D_XX_0_9999";

describe.each(BROKERS)("get, put, post and delete over the $name", ({ start, isMissing }) => {
  let bench: Bench;
  beforeAll(async () => {
    if (!isMissing) bench = await startBench(start);
  });
  afterAll(() => bench?.[Symbol.asyncDispose]());
  const ask = (args: readonly string[], input?: string): Promise<CliResult> =>
    runCli([...args, "--broker", bench.url], input === undefined ? {} : { input });

  test.skipIf(isMissing)("get prints the body alone where nobody watches", async () => {
    expect(await ask(["get", DEVICE, "axuv/gains"])).toEqual({
      status: 0,
      stdout: "[1,1,1,1]\n",
      stderr: "",
    });
  });

  test.skipIf(isMissing)(
    "a text is printed as it is, and --json tells it from a number",
    async () => {
      expect((await ask(["get", DEVICE, "axuv/ip"])).stdout).toBe("127.0.0.1\n");
      const { stdout } = await ask(["get", DEVICE, "axuv/ip", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({
        request: { target: DEVICE, subsystem: "axuv", path: "ip", method: "GET" },
        response: { header: { response_code: 205, source: DEVICE }, body: "127.0.0.1" },
        error: null,
      });
    },
  );

  test.skipIf(isMissing)("put sends JSON, and the device has it", async () => {
    expect((await ask(["put", DEVICE, "axuv/sample_rate", "2000"])).status).toBe(0);
    expect((await ask(["get", DEVICE, "axuv/sample_rate"])).stdout).toBe("2000\n");
  });

  test.skipIf(isMissing)("post creates from pairs, and --include tells where", async () => {
    const created = await ask([
      "post",
      DEVICE,
      "axuv/resources",
      "name=run 7",
      "number:=7",
      "--include",
    ]);
    const [, location = ""] = /location: (\S+)/.exec(created.stdout) ?? [];
    expect(created.stdout).toMatch(/^201 CREATED\n/);
    expect((await ask(["get", DEVICE, `axuv/${location}`])).stdout).toBe(
      '{"name":"run 7","number":7}\n',
    );
    expect(await ask(["delete", DEVICE, `axuv/${location}`])).toMatchObject({ status: 0 });
    expect(await ask(["get", DEVICE, `axuv/${location}`])).toMatchObject({ status: 4 });
  });

  test.skipIf(isMissing)("a body comes from the standard input", async () => {
    expect(await ask(["put", DEVICE, "axuv/gains", "-"], "[1, 2, 3, 4]")).toMatchObject({
      status: 0,
    });
    expect((await ask(["get", DEVICE, "axuv/gains"])).stdout).toBe("[1,2,3,4]\n");
  });

  test.skipIf(isMissing)(
    "an answer with 4xx exits with 4 and says what the device said",
    async () => {
      const { status, stdout, stderr } = await ask(["get", DEVICE, "axuv/gain"]);
      expect(status).toBe(4);
      expect(stdout).toBe("there is no gain; there is gains\n");
      expect(stderr).toContain("404 NOT_FOUND");
    },
  );

  test.skipIf(isMissing)("nobody answers: 6, and what to check", async () => {
    const { status, stderr } = await ask(["get", "nobody", "axuv/gains", "--timeout", "2s"]);
    expect(status).toBe(6);
    expect(stderr).toMatch(/✘ 504 .*\n {2}→ /);
  });

  test.skipIf(isMissing)("--repeat asks again", async () => {
    const { stdout } = await ask([
      "get",
      DEVICE,
      "axuv/ip",
      "--repeat",
      "3",
      "--every",
      "1ms",
      "--json",
    ]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(3);
  });

  test.skipIf(isMissing)("Ctrl-C ends what repeats without end, with 130", async () => {
    await using asking = startCli([
      "get",
      DEVICE,
      "axuv/ip",
      "--every",
      "1h",
      "--broker",
      bench.url,
    ]);
    await asking.printed("127.0.0.1");
    expect(await asking.stop()).toEqual({ status: 130, stdout: "127.0.0.1\n", stderr: "" });
  });

  test.skipIf(isMissing)("--plot draws a waveform with its unit", async () => {
    await ask(["post", DEVICE, "axuv/arm"]);
    await ask(["post", DEVICE, "axuv/trigger"]);
    const { stdout } = await ask(["get", DEVICE, "axuv/data", "--plot"]);
    expect(stdout).toContain("channel_1: 1024 values");
    expect(stdout).toContain(" mV\n");
    expect(stdout).toMatch(/[\u2801-\u28FF]/);
  });

  test.skipIf(isMissing)("--output writes the body to a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gf-mqtt-"));
    try {
      const file = join(folder, "ip.txt");
      const { status, stdout } = await ask(["get", DEVICE, "axuv/ip", "--output", file]);
      expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
      expect(await readFile(file, "utf8")).toBe("127.0.0.1");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test("without a broker the exit status is 7, and --json has the error as a document", async () => {
  const { status, stdout } = await runCli([
    "--broker",
    "127.0.0.1:1",
    "get",
    DEVICE,
    "axuv/gains",
    "--json",
  ]);
  expect(status).toBe(7);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: "CONNECTION_FAILED", exitStatus: 7 },
  });
});

test.each([
  [["get"], "missing required argument 'target'"],
  [["get", DEVICE, "axuv"], "It is SUBSYSTEM/PATH, as in axuv/gains"],
  [["get", DEVICE, "axuv/gains", "--timeout", "soon"], "A duration is written 500ms, 2s or 1m."],
  [["get", DEVICE, "axuv/gains", "--qos", "3"], "Allowed choices are 0, 1, 2"],
  [["put", DEVICE, "axuv/gains", "loud"], "the body is no JSON"],
  [["put", DEVICE, "axuv/id", "9007199254740993"], "an integer beyond 2^53"],
  [["put", DEVICE, "axuv/id", "a=1", "a=2"], "a is given twice"],
  [["put", DEVICE, "axuv/id", "@/nonexistent"], "cannot read the body's file"],
  [["get", DEVICE, "axuv/gains", "--password"], "there is no terminal to ask at"],
  [["get", DEVICE, "axuv/gains", "--context", "lab"], 'there is no context "lab"'],
  [["gets"], "unknown command 'gets'"],
  [["put", DEVICE, "axuv/gains", "[1e400]"], "holds 1e400, which is greater than numbers can be"],
  [["get", "a/b", "axuv/gains"], "It is one segment of a topic"],
])("gf-mqtt %j is refused with 2", async (args, text) => {
  const { status, stderr } = await runCli(args);
  expect(stderr).toContain(text);
  expect(status).toBe(2);
});

test("--show-command prints the request without its secrets, and sends nothing", async () => {
  const { status, stdout } = await runCli(
    [
      "put",
      DEVICE,
      "axuv/gains",
      "[1, 2]",
      "--password",
      "hush",
      "--token",
      "hush",
      "--broker",
      "127.0.0.1:1",
    ].concat("--show-command"),
  );
  expect(status).toBe(0);
  expect(stdout).not.toContain("hush");
  expect(stdout).toMatch(/^gf-mqtt put 2D_XX_0_9999 axuv\/gains '\[1, 2\]' --broker 127.0.0.1:1 /);
});

test("--show-command keeps what the connection needs, but the password in a URL", async () => {
  const { stdout } = await runCli([
    ...["get", DEVICE, "axuv/gains", "--broker", "mqtts://me:hush@lab.example.com"],
    ...["--insecure", "--identifier", "desk", "--timeout", "2s", "--retry", "3", "--show-command"],
  ]);
  expect(stdout).toContain(
    "--broker 'mqtts://me:…@lab.example.com' --retry 3 --insecure --identifier desk --timeout 2000ms\n",
  );
});

test("a password file and certificates that cannot be read are named", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gf-mqtt-"));
  try {
    const ca = join(folder, "ca.pem");
    await writeFile(ca, "no certificate");
    const asked = ["get", DEVICE, "axuv/gains", "--broker", "mqtts://127.0.0.1:1"];
    expect((await runCli([...asked, "--ca", ca])).stderr).toContain("tls.ca");
    expect((await runCli([...asked, "--password-file", join(folder, "none")])).stderr).toContain(
      "cannot read the password file",
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
