import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { MQTTClient } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROKERS, startBench } from "../support/bench.ts";
import type { Bench } from "../support/bench.ts";
import { runCli, startCli } from "../support/run-cli.ts";

const DEVICE = "2D_XX_0_9999";
const HEADER = '{"format":"gf-mqtt-recording","version":1,"namespace":"gf_int_v1"}';

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gf-mqtt-record-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The retained status, five requests, five answers. */
const MESSAGES = "11";

/** Records what happens while the instrument is used. */
const recordUse = async (bench: Pick<Bench, "url">, file: string): Promise<void> => {
  await using recording = startCli(["record", file, "-b", bench.url, "--count", MESSAGES]);
  await recording.printed("recording gf_int_v1/#");
  await using client = await new MQTTClient({ broker: bench.url }).connect();
  await useInstrument(client);
  await recording.ended;
};

const useInstrument = async (client: MQTTClient): Promise<void> => {
  const axuv = client.device(DEVICE, "axuv");
  await axuv.get("gains");
  await axuv.put("gains", [1, 2, 3, 4]);
  await axuv.get("gains");
  await axuv.post("resources", { name: "run 7" });
  await axuv.get("nothing").catch(() => undefined);
};

describe.each(BROKERS)("record and replay over the $name", ({ name, start, isMissing }) => {
  const file = (): string => join(folder, `${name.replaceAll(" ", "-")}.jsonl.gz`);
  beforeAll(async () => {
    if (isMissing) return;
    await using bench = await startBench(start);
    await recordUse(bench, file());
  });

  test.skipIf(isMissing)("a recording holds each message with its time, byte by byte", async () => {
    const [header, ...lines] = gunzipSync(await readFile(file()))
      .toString()
      .trimEnd()
      .split("\n");
    expect(JSON.parse(header ?? "")).toEqual({
      format: "gf-mqtt-recording",
      version: 1,
      namespace: "gf_int_v1",
    });
    const messages = lines.map((line): unknown => JSON.parse(line));
    expect(messages).toContainEqual({
      at: expect.any(Number),
      topic: expect.stringMatching(/^gf_int_v1\/axuv\/request\/2D_XX_0_9999\//),
      qos: 0,
      retain: false,
      text: expect.stringContaining('"path":"gains"'),
    });
  });

  test.skipIf(isMissing)("replay is the device, and answers in the recorded order", async () => {
    await using broker = await start();
    await using replaying = startCli(["replay", file(), "-b", broker.url, "--speed", "1000"]);
    await replaying.printed(`${DEVICE} serves what ${DEVICE} answered`);
    await using client = await new MQTTClient({ broker: broker.url }).connect();
    const axuv = client.device(DEVICE, "axuv");
    expect(await axuv.read("gains")).toEqual([1, 1, 1, 1]);
    expect(await axuv.read("gains")).toEqual([1, 2, 3, 4]);
    expect(await axuv.read("gains")).toEqual([1, 2, 3, 4]);
    expect((await axuv.post("resources", {})).header.location).toBe("resources/1");
    await expect(axuv.get("nothing")).rejects.toMatchObject({ responseCode: 404 });
    await expect(axuv.get("ip")).rejects.toThrow("GET ip is not in the recording");
    expect(await replaying.stop()).toMatchObject({ status: 130 });
  });

  test.skipIf(isMissing)("replay --requests asks again, and tells what differs", async () => {
    await using bench = await startBench(start);
    const args = ["replay", file(), "--requests", "--speed", "1000", "-b", bench.url];
    const same = await runCli(args);
    expect(same).toMatchObject({ status: 0, stderr: "5 requests, answered as recorded\n" });
    // The gains are others now, and so is the number of the resource.
    const { status, stdout, stderr } = await runCli(args);
    expect(status).toBe(1);
    expect(stdout).toContain(
      `✘ GET ${DEVICE} axuv/gains\n  - 205 CONTENT [1,1,1,1]\n  + 205 CONTENT [1,2,3,4]\n`,
    );
    expect(stderr).toMatch(/^5 requests, 1 answered otherwise than recorded\n/);
    const { stdout: documents } = await runCli([...args, "--json"]);
    expect(
      documents
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line)),
    ).toContainEqual({
      target: DEVICE,
      subsystem: "axuv",
      path: "gains",
      method: "GET",
      recorded: { code: 205, body: [1, 1, 1, 1] },
      now: { code: 205, body: [1, 2, 3, 4] },
      isSame: false,
    });
  });
});

test("a recorded request that cannot be sent is told, and the others are sent", async () => {
  await using bench = await startBench();
  const line = (id: string, method: string): string =>
    JSON.stringify({
      at: 1,
      topic: `gf_int_v1/axuv/request/${DEVICE}/box`,
      text: JSON.stringify({ header: { method, path: "ip", request_id: id }, timestamp: 1 }),
    });
  const file = join(folder, "odd.jsonl");
  await writeFile(file, [HEADER, line("a", "GOT"), line("b", "GET")].join("\n"));
  const { status, stdout } = await runCli(["replay", file, "--requests", "-b", bench.url]);
  expect(stdout).toContain(`✘ GOT ${DEVICE} axuv/ip\n  - no answer\n  + not sent: `);
  expect(stdout).toContain(`✘ GET ${DEVICE} axuv/ip\n  - no answer\n  + 205 CONTENT "127.0.0.1"`);
  expect(status).toBe(1);
});

test("--count ends a recording, - is the standard output", async () => {
  await using bench = await startBench();
  const { status, stdout } = await runCli(["record", "-", "-b", bench.url, "--count", "1"]);
  const [, line = ""] = stdout.split("\n");
  expect(status).toBe(0);
  expect(JSON.parse(line)).toMatchObject({ retain: true, topic: expect.stringContaining(DEVICE) });
});

test("what is no text is kept, too", async () => {
  await using broker = await startDevBroker();
  const file = join(folder, "bytes.jsonl");
  await using recording = startCli(["record", file, "a/#", "-b", broker.url, "--count", "1"]);
  await recording.printed("recording a/#");
  const { connectAsync } = await import("mqtt");
  const raw = await connectAsync(broker.url);
  await raw.publishAsync("a/b", Buffer.from([0xff, 0x00]));
  await raw.endAsync();
  await recording.ended;
  expect(await readFile(file, "utf8")).toContain('"base64":"/wA="');
});

test.each([
  ["", "is empty"],
  ["garbage", "line 1: no JSON object"],
  ['{"a":1}', "line 1: not the first line of a recording"],
  [HEADER.replace("1", "2"), "line 1: version 2; this program reads 1"],
  [`${HEADER}\n{"at":1}`, "line 2: topic is no text"],
  [`${HEADER}\n{"at":"1","topic":"a"}`, "line 2: at is no time in ms"],
  [`${HEADER}\n{"at":1,"topic":"a"}`, "line 2: neither text nor base64"],
  [`${HEADER}\n\n{"at":1,"topic":"a","qos":3,"text":""}`, "line 3: qos is not 0, 1 or 2"],
  [HEADER, "the recording holds no request with an answer"],
])("replay refuses %j", async (text, said) => {
  const file = join(folder, "wrong.jsonl");
  await writeFile(file, text);
  const { status, stderr } = await runCli(["replay", file]);
  expect(stderr).toContain(said);
  expect(status).toBe(1);
});

test("a file that is there is not overwritten, one that is not is named", async () => {
  const file = join(folder, "there.jsonl");
  await writeFile(file, "mine");
  expect(await runCli(["record", file])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("replace it with --force"),
  });
  expect(await readFile(file, "utf8")).toBe("mine");
  expect(await runCli(["record", "/nonexistent/a"])).toMatchObject({ status: 1 });
  expect((await runCli(["replay", join(folder, "none")])).stderr).toContain("cannot read");
  expect((await runCli(["replay", join(folder, "none.gz")])).stderr).toContain("cannot read");
});
