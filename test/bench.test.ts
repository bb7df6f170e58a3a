import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

import { BENCHMARK_NAMES, UsageError, readArguments } from "../bench/arguments.js";
import { withBroker } from "../bench/brokers/broker.js";
import { sharesByArea } from "../bench/cpu-profile.js";
import { isBuilt, root } from "../bench/environment.js";
import { withPair } from "../bench/pair.js";
import { requestOf, responseTo, bodyOf } from "../bench/sides/payload.js";
import { summarise, summariseRatio } from "../bench/summary.js";
import { judge } from "../bench/targets.js";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../bench/run.js", import.meta.url));
const bench = (...args: readonly string[]): ReturnType<typeof run> =>
  run(process.execPath, [program, ...args], { cwd: root, encoding: "utf8" });

describe("the command line", () => {
  test("runs everything five times when nothing is said", () => {
    expect(readArguments([])).toEqual({
      help: false,
      quick: false,
      rounds: 5,
      only: BENCHMARK_NAMES,
      json: undefined,
    });
  });
  test("runs once when it is to be quick", () => {
    expect(readArguments(["--quick"])).toMatchObject({ quick: true, rounds: 1 });
  });
  test("takes benchmarks in any order and runs them in its own", () => {
    const args = ["--only", "size,echo", "--rounds", "3", "--json", "results.json"];
    const expected = { only: ["echo", "size"], rounds: 3, json: "results.json" };
    expect(readArguments(args)).toMatchObject(expected);
  });
  test.each([
    ["an unknown flag", ["--fast"], "--fast"],
    ["an argument without a flag", ["echo"], "echo"],
    ["an unknown benchmark", ["--only", "echo,speed"], '"speed"'],
    ["no benchmark", ["--only", ""], "--only"],
    ["no rounds", ["--rounds", "0"], "--rounds"],
    ["half a round", ["--rounds", "1.5"], "--rounds"],
    ["a file without a name", ["--json", ""], "--json"],
  ])("refuses %s and says what is wrong", (_what, args, named) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow(named);
  });
  test("ends with code 2 and the usage when it makes no sense", async () => {
    const expected = { code: 2, stderr: expect.stringContaining("usage: npm run bench") };
    await expect(bench("--fast")).rejects.toMatchObject(expected);
  });
  test("ends with code 0 after the usage that was asked for", async () => {
    const { stdout } = await bench("--help");
    expect(BENCHMARK_NAMES.filter((name) => !String(stdout).includes(name))).toEqual([]);
  });
});

describe("a summary", () => {
  test("is made of the median, the least and the most", () => {
    expect(summarise([5, 1, 2])).toEqual({ median: 2, min: 1, max: 5 });
  });
  test("has a median between the two in the middle", () => {
    expect(summarise([4, 1, 2, 3]).median).toBe(2.5);
  });
  test("of ratios compares what was measured in the same round", () => {
    expect(summariseRatio([10, 100], [20, 100])).toEqual({ median: 0.75, min: 0.5, max: 1 });
  });
});

describe("a payload", () => {
  test.each([200, 10_000, 1_000_000])("of %i bytes is about that long", (bytes) => {
    const asked = { target: "a0", body: bodyOf(bytes) };
    const { length } = JSON.stringify(requestOf("ar", asked));
    expect(length).toBeLessThanOrEqual(bytes);
    expect(length).toBeGreaterThan(bytes - 10);
  });
  test("comes back with the ids and the body of its request", () => {
    const request = requestOf("ar", { target: "a0", body: [1] });
    const { request_id, path } = request.header;
    const response = { body: [1], header: { request_id, path, response_code: 205 } };
    expect(responseTo("a0", request)).toMatchObject(response);
  });
});

describe("the targets", () => {
  const sizeOf = (gzipBytes: number): Parameters<typeof judge>[0] => ({
    size: {
      bundles: [{ content: "everything", extent: "own code", rawBytes: 0, gzipBytes }],
      imports: [],
    },
  });
  const verdictOf = (results: Parameters<typeof judge>[0]): unknown =>
    judge(results).find(({ name }) => name.startsWith("own code"));

  test("are not judged where nothing was measured", () => {
    expect(new Set(judge({}).map(({ met }) => met))).toEqual(new Set([undefined]));
  });
  test("bound the library's own code by what the size check guards", () => {
    const most = judge({}).find(({ name }) => name.startsWith("own code"))?.limit ?? Number.NaN;
    expect(most).toBeGreaterThan(0);
    expect(verdictOf(sizeOf(most - 1))).toMatchObject({ value: most - 1, met: true });
    expect(verdictOf(sizeOf(most))).toMatchObject({ value: most, met: false });
  });
});

test("a profile is divided by whose code was running", () => {
  const at = (id: number, url: string, functionName = "f"): object => ({
    id,
    callFrame: { functionName, url, lineNumber: 0 },
  });
  const nodes = [
    at(1, "file:///a/packages/client/dist/client/inbox.js"),
    at(2, "file:///a/node_modules/mqtt/build/lib/client.js"),
    at(3, "", "(garbage collector)"),
    at(4, "", "(idle)"),
  ] as Parameters<typeof sharesByArea>[0]["nodes"];
  expect(sharesByArea({ nodes, samples: [1, 2, 4, 3], timeDeltas: [50, 30, 999, 20] })).toEqual([
    { name: "library: client", share: 0.5 },
    { name: "mqtt", share: 0.3 },
    { name: "(garbage collector)", share: 0.2 },
  ]);
});

describe.skipIf(!isBuilt())("with the packages built (skipped without: npm run build)", () => {
  test.each(["bare", "library", "sync"] as const)(
    "a %s requester measures its device",
    async (kind) => {
      const result = await withBroker({}, ({ url }) =>
        withPair(
          {
            requester: kind,
            device: kind,
            side: { url, protocolVersion: 5, qos: 0, prefix: "t" },
          },
          (pair) =>
            pair.measure({ inFlight: 4, devices: 1, payloadBytes: 200, warmUpMs: 0, measureMs: 0 }),
        ),
      );
      expect(Object.values(result).filter((figure) => !(figure > 0))).toEqual([]);
    },
  );

  test("a quick run prints tables of 100 columns at most and writes its results", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-test-"));
    try {
      const json = join(folder, "results.json");
      const { stdout } = await bench("--quick", "--only", "pure,size", "--json", json);
      expect(
        String(stdout)
          .split("\n")
          .filter(({ length }) => length > 100),
      ).toEqual([]);
      const report: unknown = JSON.parse(await readFile(json, "utf8"));
      expect(report).toMatchObject({
        quick: true,
        rounds: 1,
        machine: { cores: expect.any(Number) },
        versions: { node: process.versions.node },
        results: { pure: expect.any(Array), size: { bundles: expect.any(Array) } },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
