import { MQTTClient, ResourceRouter, answer } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROKERS } from "../support/bench.ts";
import { runCli, startCli } from "../support/run-cli.ts";
import type { CliResult } from "../support/run-cli.ts";

/** A device that counts what it is asked. */
const startDevice = async (broker: string) => {
  const asked: unknown[] = [];
  const client = new MQTTClient({ broker, identifier: "counter", maxQueuedRequests: 100_000 });
  const router = new ResourceRouter({ subsystem: "axuv" });
  const count = ({ body }: { body: unknown }): unknown => asked.push(body);
  router.get("count", count).post("count", count);
  // What is worse than the first two are 500s; the first request of a bench is not counted.
  router.get("moody", () => {
    const times = asked.push("moody");
    if (times === 1) return "ready";
    return answer(times <= 3 ? 500 : 404, "no");
  });
  router.get("silent", () => (asked.push("silent") === 1 ? "ready" : new Promise(() => {})));
  client.addMessageHandler(router);
  await client.connect();
  return { client, asked };
};

describe.each(BROKERS)("over the $name", ({ start, isMissing }) => {
  let broker: Awaited<ReturnType<typeof start>>;
  let device: Awaited<ReturnType<typeof startDevice>>;
  beforeAll(async () => {
    if (isMissing) return;
    broker = await start();
    device = await startDevice(broker.url);
  });
  afterAll(async () => {
    await device?.client.disconnect();
    await broker?.[Symbol.asyncDispose]();
  });
  const run = (...args: readonly string[]): Promise<CliResult> => {
    device.asked.length = 0;
    return runCli(["bench", ...args, "--broker", broker.url]);
  };

  test.skipIf(isMissing)("bench sends as many requests as asked for, after one", async () => {
    const { status, stdout } = await run("counter", "axuv/count", "-n", "500", "-c", "8", "--json");
    expect(device.asked).toHaveLength(501);
    expect(status).toBe(0);
    const { latencyMs, histogram, ...summary } = JSON.parse(stdout);
    expect(summary).toEqual({
      asked: { concurrency: 8, requests: 500, durationMs: null, ratePerSecond: null },
      interrupted: false,
      elapsedMs: expect.any(Number),
      requests: 500,
      succeeded: 500,
      errors: 0,
      ratePerSecond: expect.any(Number),
      notStarted: 0,
      failures: [],
    });
    expect(summary.ratePerSecond).toBeCloseTo(500_000 / summary.elapsedMs, 0);
    const { min, p50, p90, p99, p99_9, max } = latencyMs;
    const ascending = [min, p50, p90, p99, p99_9, max].toSorted((one, other) => one - other);
    expect([min, p50, p90, p99, p99_9, max]).toEqual(ascending);
    const counted = histogram.reduce((sum: number, row: { count: number }) => sum + row.count, 0);
    expect(counted).toBe(500);
  });

  test.skipIf(isMissing)("with a rate and a duration, as many as belong into it", async () => {
    const args = ["counter", "axuv/count", "--rate", "200", "--duration", "500ms", "--json"];
    const { stdout } = await run(...args);
    const { requests, notStarted, ratePerSecond } = JSON.parse(stdout);
    expect(requests + notStarted).toBe(100);
    expect(device.asked).toHaveLength(requests + 1);
    expect(ratePerSecond).toBeLessThanOrEqual(204);
  });

  test.skipIf(isMissing)("a duration ends a load by itself", async () => {
    const { stdout } = await run("counter", "axuv/count", "--duration", "300ms", "--json");
    const { elapsedMs, asked } = JSON.parse(stdout);
    expect(asked).toMatchObject({ requests: null, durationMs: 300 });
    expect(elapsedMs).toBeGreaterThanOrEqual(300);
  });

  test.skipIf(isMissing)("the body is sent with each, or one of a size", async () => {
    await run("counter", "axuv/count", "-n", "2", "--body", '{"gain": 2}');
    expect(device.asked).toEqual([{ gain: 2 }, { gain: 2 }, { gain: 2 }]);
    await run("counter", "axuv/count", "-n", "1", "--payload-bytes", "1000");
    expect(JSON.stringify(device.asked[1])).toHaveLength(1_000);
  });

  test.skipIf(isMissing)(
    "errors are told by their kind; the status is the commonest's",
    async () => {
      const { stdout, status } = await run("counter", "axuv/moody", "-n", "10", "-c", "1");
      expect(status).toBe(4);
      expect(stdout).toMatch(/^10 requests in .*, 10 of them failed\n/);
      const [, told = ""] = /(\n {2}✘ 8 × NOT_FOUND 404: [^]*)$/.exec(stdout) ?? [];
      expect(told).toContain("\n  ✘ 2 × INTERNAL_SERVER_ERROR 500: ");
    },
  );

  test.skipIf(isMissing)("requests that nobody answers in time fail as such", async () => {
    const { status, stderr, stdout } = await run("nobody", "axuv/x", "--timeout", "300ms");
    expect(status).toBe(6);
    expect(stdout).toBe("");
    expect(stderr).toContain("nobody");
  });

  test.skipIf(isMissing)("--serve brings a device", async () => {
    const args = ["own", "any/thing", "--serve", "-n", "200", "--method", "PUT", "--json"];
    const { stdout, stderr, status } = await run(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ requests: 200, errors: 0 });
  });

  test.skipIf(isMissing)("Ctrl-C prints what was measured until then", async () => {
    const args = ["bench", "counter", "axuv/count", "--duration", "1h", "--broker", broker.url];
    device.asked.length = 0;
    await using bench = startCli(args);
    await expect.poll(() => device.asked.length, { timeout: 10_000 }).toBeGreaterThan(100);
    const { status, stdout, stderr } = await bench.stop("SIGINT");
    expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
    expect(stdout).toMatch(/^[\d,]+ requests in [\d.]+ m?s \(ended early\)\n/);
    expect(stdout).toContain("p99.9");
  });

  test.skipIf(isMissing)("Ctrl-C ends a load whose requests are not answered", async () => {
    device.asked.length = 0;
    const args = ["bench", "counter", "axuv/silent", "-c", "4", "--broker", broker.url];
    await using bench = startCli([...args, "--timeout", "1h"]);
    await expect.poll(() => device.asked.length, { timeout: 10_000 }).toBe(5);
    const { status, stdout } = await bench.stop("SIGINT");
    expect(stdout).toMatch(/^0 requests in .* \(ended early\)\n/);
    expect(status).toBe(130);
  });
});

test("two bodies are refused, and what is no number", async () => {
  const two = await runCli(["bench", "a", "b/c", "--body", "1", "--payload-bytes", "10"]);
  expect(two).toMatchObject({ status: 2, stdout: "" });
  expect(two.stderr).toContain("are two bodies");
  expect((await runCli(["bench", "a", "b/c", "--rate", "0"])).status).toBe(2);
});

test("a device of --serve that the broker refuses is status 7", async () => {
  await using broker = await startDevBroker({ authenticate: ({ clientId }) => clientId !== "own" });
  const args = ["bench", "own", "any/thing", "--serve", "--broker", broker.url];
  const { status, stderr } = await runCli(args);
  expect(status).toBe(7);
  expect(stderr).toContain("the device of --serve is not there: cannot connect to");
});

test("a broker that is not there is status 7", async () => {
  const { status, stderr } = await runCli(["bench", "a", "b/c", "--broker", "localhost:1"]);
  expect(status).toBe(7);
  expect(stderr).toContain("→ ");
});
