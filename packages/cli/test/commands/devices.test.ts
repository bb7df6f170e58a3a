import { MQTTClient } from "gf-mqtt-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROKERS, startBench } from "../support/bench.ts";
import type { Bench } from "../support/bench.ts";
import { runCli, startCli } from "../support/run-cli.ts";
import type { CliResult } from "../support/run-cli.ts";

const DEVICE = "2D_XX_0_9999";

describe.each(BROKERS)("over the $name", ({ start, isMissing }) => {
  let bench: Bench;
  beforeAll(async () => {
    if (!isMissing) bench = await startBench(start);
  });
  afterAll(() => bench?.[Symbol.asyncDispose]());
  const run = (...args: readonly string[]): Promise<CliResult> =>
    runCli([...args, "--broker", bench.url]);

  test.skipIf(isMissing)("devices lists who is there", async () => {
    const { stdout, status } = await run("devices", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { identifier: DEVICE, state: "ONLINE", lastUpdated: expect.any(Number) },
    ]);
    expect((await run("devices")).stdout).toMatch(/^2D_XX_0_9999 {2}ONLINE {2}since 2/);
  });

  test.skipIf(isMissing)("devices --watch tells who comes and goes, until Ctrl-C", async () => {
    await using watch = startCli(["devices", "--watch", "--broker", bench.url]);
    await watch.printed(`${DEVICE}  ONLINE`);
    const other = new MQTTClient({ broker: bench.url, identifier: "pump-1", presence: true });
    await other.connect();
    await watch.printed("pump-1  ONLINE");
    await other.disconnect();
    await watch.printed("pump-1  OFFLINE");
    expect(await watch.stop()).toMatchObject({ status: 130, stderr: "" });
  });

  test.skipIf(isMissing)("describe lists what a device serves, --query some of it", async () => {
    expect((await run("describe", DEVICE, "axuv")).stdout).toContain(
      "gains             GET PUT         Amplification per channel\n",
    );
    const { stdout } = await run("describe", DEVICE, "axuv", "--query", "unit=Hz", "--json");
    expect(JSON.parse(stdout)).toMatchObject([{ href: "sample_rate", unit: "Hz" }]);
  });

  test.skipIf(isMissing)("ping measures a device that announces itself", async () => {
    const { stdout, status } = await run("ping", DEVICE, "-c", "2", "--every", "1ms");
    expect(status).toBe(0);
    expect(stdout).toMatch(/answers after [\d.]+ ms {2}205 CONTENT\n/);
    expect(stdout).toMatch(/2 sent, 2 answered; least, mean and most: /);
  });

  test.skipIf(isMissing)(
    "ping takes any answer, a 404 too, and tells when there is none",
    async () => {
      expect((await run("ping", DEVICE, "axuv/none", "-c", "1")).stdout).toContain("404 NOT_FOUND");
      const { status, stderr, stdout } = await run("ping", "none", "-c", "1", "--timeout", "2s");
      expect(status).toBe(6);
      expect(stdout).toBe("1 sent, 0 answered\n");
      expect(stderr).toContain("a device without presence does not answer this");
    },
  );

  test.skipIf(isMissing)("ask prints an answer a line, and how many there were", async () => {
    const { stdout, stderr, status } = await run("ask", "all", "axuv/gains", "--max", "1");
    expect(stdout).toMatch(/^2D_XX_0_9999 {2}205 CONTENT {2}[\d.]+ ms {2}\[1,1,1,1\]\n$/);
    expect(stderr).toMatch(/^1 answer in /);
    expect(status).toBe(0);
  });

  test.skipIf(isMissing)("ask asks devices by name, and has errors among the answers", async () => {
    const { stdout, status } = await run(
      "ask",
      `${DEVICE},none`,
      "axuv/gains",
      "--timeout",
      "1s",
      "--json",
    );
    const answers = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(answers).toHaveLength(2);
    expect(answers).toContainEqual(
      expect.objectContaining({
        source: "none",
        response: null,
        error: expect.objectContaining({ exitStatus: 6 }),
      }),
    );
    expect(status).toBe(0);
  });

  test.skipIf(isMissing)("ask exits with 6 where nobody answers", async () => {
    expect(await run("ask", "nobody", "axuv/gains", "--timeout", "2s")).toMatchObject({
      status: 6,
      stdout: "",
    });
  });
});
