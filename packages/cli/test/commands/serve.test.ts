import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MQTTClient, ResponseException } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import type { DevBroker } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROKERS } from "../support/bench.ts";
import { runCli, startCli } from "../support/run-cli.ts";

/** Until a device that is being started is there. */
const PATIENTLY = { retry: 100, timeoutMs: 15_000 };

let folder = "";
let broker: DevBroker;
let client: MQTTClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gf-mqtt-serve-"));
  broker = await startDevBroker();
  client = await new MQTTClient({ broker: broker.url }).connect();
});
afterAll(async () => {
  await client.disconnect();
  await broker.close();
  await rm(folder, { recursive: true });
});

const write = async (name: string, text: string): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
};

describe.each(BROKERS)("serve instrument over the $name", ({ start, isMissing }) => {
  test.skipIf(isMissing)("serves, prints a line a request, and leaves as OFFLINE", async () => {
    await using own = await start();
    await using watcher = await new MQTTClient({ broker: own.url }).connect();
    await using serving = startCli(["serve", "instrument", "--broker", own.url]);
    await serving.printed("2D_XX_0_9999 serves a simulated instrument");
    await watcher.device("2D_XX_0_9999", "axuv").get("gains");
    await serving.printed(/\d\d:\d\d:\d\d {2}GET {4}axuv\/gains {2}205 CONTENT {2}[\d.]+ ms\n/);
    const states: string[] = [];
    const watching = (async () => {
      for await (const { state } of watcher.presence({ timeoutMs: 10_000 })) {
        states.push(state);
        if (state === "OFFLINE") break;
      }
    })();
    await expect(serving.stop()).resolves.toMatchObject({ status: 130 });
    await watching;
    expect(states.at(-1)).toBe("OFFLINE");
  });
});

test("serve goes on when the broker is back", async () => {
  const first = await startDevBroker();
  await using serving = startCli(["serve", "instrument", "--broker", first.url, "--json"]);
  await using asking = await new MQTTClient({ broker: first.url }).connect();
  await asking.device("2D_XX_0_9999", "axuv").get("gains", PATIENTLY);
  await first.close();
  await serving.printed("the link is lost");
  await using _second = await startDevBroker({ port: first.port });
  await serving.printed("the link is back");
  const gains = asking.device("2D_XX_0_9999", "axuv").read("gains");
  await expect(gains).resolves.toEqual([1, 1, 1, 1]);
  // Not what the library logs of it, too.
  expect(serving.stderr.match(/ link /g)).toHaveLength(2);
});

describe("serve FILE.json", () => {
  test("serves what the file says", async () => {
    const file = await write(
      "pump.json",
      JSON.stringify({
        subsystems: {
          pump: {
            speed: { value: 1200, writable: true, unit: "rpm", title: "Speed" },
            limits: { low: 0, high: 3000 },
          },
        },
      }),
    );
    await using serving = startCli(["serve", file, "--broker", broker.url, "--json"]);
    const pump = client.device("pump", "pump");
    expect(await pump.read("speed", undefined, PATIENTLY)).toBe(1200);
    await pump.put("speed", 900);
    expect(await pump.read("speed")).toBe(900);
    expect(await pump.read("limits")).toEqual({ low: 0, high: 3000 });
    await expect(pump.put("limits", 1)).rejects.toMatchObject({ responseCode: 405 });
    expect(await pump.describe()).toMatchObject([
      { href: "speed", methods: ["GET", "PUT"], title: "Speed", unit: "rpm" },
      { href: "limits", methods: ["GET"] },
    ]);
    const { stdout } = await serving.stop();
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines.at(1)).toMatchObject({ method: "PUT", resource: "pump/speed", code: 204 });
  });

  test.each([
    ["{", "it is no JSON"],
    ["[]", 'the file has to be an object: { "subsystems": { … } }'],
    ['{"subsystem": {}}', 'the file holds "subsystem", which means nothing here'],
    ['{"subsystems": 1}', "subsystems has to be an object of subsystems"],
    ['{"subsystems": {"a": null}}', "subsystems.a has to be an object of resources"],
    ['{"subsystems": {"a": 1}}', "subsystems.a has to be an object of resources"],
    ['{"subsystems": {"a": {"b": {"value": 1, "unti": 1}}}}', 'subsystems.a["b"] holds "unti"'],
    [
      '{"subsystems": {"a": {"b": {"value": 1, "unit": 1}}}}',
      'subsystems.a["b"].unit has to be a text',
    ],
    [
      '{"subsystems": {"a": {"b": {"value": 1, "delayMs": -1}}}}',
      "delayMs has to be a number of ms",
    ],
    ['{"subsystems": {"a": {"x/**/y": 1}}}', 'subsystems.a["x/**/y"]: '],
    ['{"subsystems": {"a/b": {"c": 1}}}', "a/b"],
  ])("refuses %s", async (text, said) => {
    const file = await write("wrong.json", text);
    const { status, stderr } = await runCli(["serve", file]);
    expect(stderr).toContain(said);
    expect(stderr).toContain("wrong.json");
    expect(status).toBe(2);
  });

  test("names a file that does not exist", async () => {
    expect(await runCli(["serve", "/nonexistent.json"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("cannot read /nonexistent.json"),
    });
  });
});

describe("serve FILE.mjs", () => {
  test("serves the router that a function makes with the library that it is given", async () => {
    const file = await write(
      "heater.mjs",
      `export default (client, { ResourceRouter }) => {
        const router = new ResourceRouter({ subsystem: "heater" });
        return router.get("power", () => 42);
      };`,
    );
    await using _serving = startCli(["serve", file, "--broker", broker.url, "--target", "oven-1"]);
    const heater = client.device("oven-1", "heater");
    expect(await heater.read("power", undefined, PATIENTLY)).toBe(42);
  });

  test.each([
    ["export const a = 1;", "serves nothing: its default export has to be a router"],
    ["export default {};", "serves nothing"],
    ["export default () => 7;", "serves nothing"],
    ["throw new Error('boom');", "boom"],
    ["import 'gf-mqtt-client'; export default 1;", "npm install gf-mqtt-client"],
  ])("refuses %s", async (text, said) => {
    const file = await write("wrong.mjs", text);
    const { status, stderr } = await runCli(["serve", file, "--broker", broker.url]);
    expect(stderr).toContain(said);
    expect(status).toBe(2);
  });
});

describe("reply", () => {
  test("answers with a body and a code", async () => {
    await using _mock = startCli([
      "reply",
      "mock-1",
      "pump/speed",
      "--body",
      '{"rpm": 3}',
      "--code",
      "203",
      "-b",
      broker.url,
    ]);
    const pump = client.device("mock-1", "pump");
    const { header, body } = await pump.get("speed", PATIENTLY);
    expect([header.response_code, body]).toEqual([203, { rpm: 3 }]);
    await expect(pump.get("other")).rejects.toMatchObject({ responseCode: 404 });
  });

  test("answers what a command prints, which knows the request", async () => {
    await using _mock = startCli([
      "reply",
      "mock-2",
      "pump/:part",
      "--command",
      'cat >&2; echo "$METHOD $PARAM_PART"',
      "-b",
      broker.url,
    ]);
    const pump = client.device("mock-2", "pump");
    const { body } = await pump.get("valve", PATIENTLY);
    expect(body).toBe("GET valve");
  });

  test("a command that fails is answered with 500, and told here", async () => {
    await using mock = startCli([
      "reply",
      "mock-3",
      "pump/x",
      "--command",
      "printf 'no\\033[2J\\nmore' >&2; exit 3",
      "-b",
      broker.url,
    ]);
    const asked = client.device("mock-3", "pump").get("x", PATIENTLY);
    await expect(asked).rejects.toMatchObject({ responseCode: 500 });
    await mock.printed("the command failed: it ended with 3: no\\u001b[2J\nmore");
  });

  test("--times and --method bound what is answered", async () => {
    await using _mock = startCli([
      "reply",
      "mock-4",
      "pump/x",
      "--times",
      "1",
      "--method",
      "get",
      "-b",
      broker.url,
    ]);
    const pump = client.device("mock-4", "pump");
    await pump.get("x", PATIENTLY);
    await expect(pump.get("x")).rejects.toBeInstanceOf(ResponseException);
    await expect(pump.put("x", 1)).rejects.toMatchObject({ responseCode: 405 });
  });

  test.each([
    [["--body", "1", "--command", "x"], "--body and --command exclude one another"],
    [["--body", "loud"], "the body is no JSON"],
    [["--code", "299"], "It is one of 201"],
    [["--method", "HEAD"], "It is one of GET, PUT, POST, DELETE"],
  ])("%j is refused", async (args, said) => {
    expect(await runCli(["reply", "m", "a/b", ...args])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(said),
    });
  });
});

describe("broker", () => {
  test("prints where it listens, and takes those who know the password", async () => {
    await using running = startCli([
      "broker",
      "--port",
      "0",
      "--ws-port",
      "0",
      "--user",
      "lab:hush",
      "--json",
    ]);
    await running.printed("\n");
    const { url, wsUrl } = JSON.parse(running.stdout) as { url: string; wsUrl: string };
    for (const each of [url, wsUrl]) {
      await using user = new MQTTClient({ broker: each, username: "lab", password: "hush" });
      await user.connect();
    }
    await using stranger = new MQTTClient({ broker: url, username: "lab", password: "hus" });
    await expect(stranger.connect()).rejects.toMatchObject({ reasonCode: 134 });
    expect(await running.stop()).toMatchObject({ status: 130, stderr: "" });
  });

  test("a port that is taken is an error that says so", async () => {
    const { status, stderr } = await runCli(["broker", "--port", String(broker.port)]);
    expect(stderr).toMatch(/cannot start the broker: .*\n {2}→ name other ports/);
    expect(status).toBe(1);
  });
});

test("demo --stay goes on with broker and instrument until Ctrl-C", async () => {
  await using demo = startCli(["demo", "--stay"]);
  await demo.printed("Ctrl-C ends it");
  const [url = ""] = /mqtt:\/\/\S+:\d+/.exec(demo.stdout) ?? [];
  await using own = await new MQTTClient({ broker: url }).connect();
  expect(await own.device("2D_XX_0_9999", "axuv").read("ip")).toBe("127.0.0.1");
  expect(await demo.stop()).toMatchObject({ status: 130 });
});
