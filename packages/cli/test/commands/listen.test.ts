import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MQTTClient } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROKERS, startBench } from "../support/bench.ts";
import type { Bench } from "../support/bench.ts";
import { runCli, startCli } from "../support/run-cli.ts";
import type { RunningCli } from "../support/run-cli.ts";

const DEVICE = "2D_XX_0_9999";

describe.each(BROKERS)("listen over the $name", ({ start, isMissing }) => {
  let bench: Bench;
  let client: MQTTClient;
  beforeAll(async () => {
    if (isMissing) return;
    bench = await startBench(start);
    client = await new MQTTClient({ broker: bench.url }).connect();
  });
  afterAll(async () => {
    await client?.disconnect();
    await bench?.[Symbol.asyncDispose]();
  });
  const listen = async (...args: readonly string[]): Promise<RunningCli> => {
    const listening = startCli(["listen", "-b", bench.url, ...args]);
    await listening.printed("listening to gf_int_v1/#");
    return listening;
  };

  test.skipIf(isMissing)("shows requests with their answers, and what nobody answers", async () => {
    await using listening = await listen("--timeout", "2s");
    await client.device(DEVICE, "axuv").get("gains");
    await expect(client.device(DEVICE, "axuv").get("gain")).rejects.toThrow("404");
    await client.publish(`gf_int_v1/axuv/request/nobody/1`, {
      header: { method: "GET", path: "gains", request_id: "16fd2706-8baf-433b-82eb-8c7fada847da" },
      timestamp: 1,
      body: null,
    });
    await listening.printed("✘ GET nobody axuv/gains no answer within 2 s");
    expect(listening.stdout).toMatch(/ → GET {4}2D_XX_0_9999 axuv\/gains\n/);
    expect(listening.stdout).toMatch(
      / ← 205 CONTENT 2D_XX_0_9999 axuv\/gains [\d.]+ ms \[1,1,1,1\]\n/,
    );
    expect(listening.stdout).toMatch(
      / ← 404 NOT_FOUND 2D_XX_0_9999 axuv\/gain [\d.]+ ms "there is no gain/,
    );
    expect(await listening.stop()).toMatchObject({ status: 130 });
  });

  test.skipIf(isMissing)("--json prints whole documents, --count ends it", async () => {
    await using listening = startCli([
      "listen",
      "-b",
      bench.url,
      "--json",
      "--count",
      "1",
      "--code",
      "2xx",
      // Which is told by its request: an answer alone does not do.
      "--method",
      "GET",
    ]);
    const asking = new AbortController();
    const asked = (async () => {
      while (!asking.signal.aborted) await client.device(DEVICE, "axuv").get("ip");
    })();
    const { status, stdout } = await listening.ended;
    asking.abort();
    await asked;
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      kind: "response",
      at: expect.any(Number),
      topic: expect.stringMatching(/^gf_int_v1\/axuv\/response\/2D_XX_0_9999\//),
      target: DEVICE,
      subsystem: "axuv",
      path: "ip",
      requestId: expect.any(String),
      method: "GET",
      code: 205,
      source: DEVICE,
      requestAt: expect.any(Number),
      elapsedMs: expect.any(Number),
      retain: false,
      payloadBytes: expect.any(Number),
      issues: [],
      body: "127.0.0.1",
    });
  });

  test.skipIf(isMissing)("--stats counts every message of a burst", async () => {
    // Of 2,000 requests and as many answers.
    await using listening = await listen("--stats", "--path", "sample_rate", "--count", "4000");
    const axuv = client.device(DEVICE, "axuv");
    await Promise.all(
      Array.from({ length: 2_000 }, () => axuv.get("sample_rate", { timeoutMs: 15_000 })),
    );
    const { stdout } = await listening.ended;
    expect(stdout).toMatch(/2D_XX_0_9999 axuv\/sample_rate {2}2000 {6}2000 {5}0 {7}0 /);
  });
});

test("listen shows that the link is lost, and goes on when it is back", async () => {
  const first = await startDevBroker();
  await using listening = startCli(["listen", "-b", first.url]);
  await listening.printed("listening to");
  await first.close();
  await listening.printed("the link is lost");
  await using second = await startDevBroker({ port: first.port });
  await listening.printed("the link is back");
  await using client = await new MQTTClient({ broker: second.url }).connect();
  await client.publish("gf_int_v1/axuv/event/pump-1/speed", { body: 7, timestamp: 1 });
  await expect(listening.printed("• pump-1 axuv event speed 7")).resolves.toBeUndefined();
});

test("Ctrl-C ends it at once, however long it was to listen", async () => {
  await using bench = await startBench();
  await using listening = startCli(["listen", "--duration", "1h", "-b", bench.url]);
  await listening.printed("listening to");
  expect(await listening.stop()).toMatchObject({ status: 130 });
});

test("the namespace of the context in use is listened to", async () => {
  await using bench = await startBench();
  const folder = await mkdtemp(join(tmpdir(), "gf-mqtt-listen-"));
  try {
    const env = { XDG_CONFIG_HOME: folder };
    await runCli(["context", "add", "lab", "-b", bench.url, "--namespace", "lab_v1"], { env });
    await using listening = startCli(["listen", "--count", "1", "--json"], { env });
    await using client = new MQTTClient({ broker: bench.url, namespace: "lab_v1" });
    await client.connect();
    const telling = setInterval(() => {
      void client.publish("lab_v1/axuv/event/pump-1/speed", { body: 7, timestamp: 1 });
    }, 20);
    const { stdout } = await listening.ended;
    clearInterval(telling);
    expect(JSON.parse(stdout)).toMatchObject({ target: "pump-1", subsystem: "axuv", body: 7 });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a reader that has enough ends it quietly", async () => {
  await using bench = await startBench();
  await using listening = startCli(["listen", "-b", bench.url]);
  await listening.printed("listening to");
  listening.process.stdout.destroy();
  await using client = await new MQTTClient({ broker: bench.url }).connect();
  const telling = setInterval(() => {
    void client.publish("gf_int_v1/axuv/event/pump-1/speed", { body: 7, timestamp: 1 });
  }, 10);
  const { status, stderr } = await listening.ended;
  clearInterval(telling);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "listening to gf_int_v1/#\n" });
});
