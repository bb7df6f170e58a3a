import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { expect, test } from "vitest";

import { ChildProgram } from "../../packages/client/test/support/child-program.ts";
import type { Ended } from "../../packages/client/test/support/child-program.ts";
import { readText, root } from "./support/documents.ts";
import { blocksOf } from "./support/markdown.ts";
import type { Block } from "./support/markdown.ts";
import { patternOf } from "./support/printed.ts";

/*
 * These run as users run them, with the built packages: `npm run build` first, as `npm test` does.
 */

const run = async (nodeArguments: readonly string[], env = {}): Promise<Ended> => {
  await using program = new ChildProgram(nodeArguments, env);
  return await program.ended;
};

/** A program of the README, found by words in it. */
const programWith = (words: string): Block => {
  const blocks = blocksOf("README.md", readText("README.md"));
  const block = blocks.find(({ language, code }) => language === "js" && code.includes(words));
  if (block === undefined) throw new Error(`the README has no program with ${words}`);
  return block;
};

const pasted = (code: string): readonly string[] => ["--input-type=module", "--eval", code];

test("the program with a broker of its own works when pasted, and ends by itself", async () => {
  const { code, output } = programWith("startDevBroker");
  const ended = await run(pasted(code));
  expect(ended).toMatchObject({ code: 0, errorOutput: "" });
  expect(ended.output.trimEnd()).toMatch(patternOf(output ?? ""));
});

test("the poller of the README asks the device of the README, and ends by Ctrl-C", async () => {
  await using broker = await startDevBroker();
  const [device, poller] = ["// answered with 205", "SIGINT"].map((words) =>
    pasted(
      `${programWith(words).code.replace("broker.example.com", broker.url)}\nconsole.log("serves");`,
    ),
  );
  await using serving = new ChildProgram(device ?? []);
  await serving.printed("serves");
  await using polling = new ChildProgram(poller ?? []);
  await polling.printed("received [ 0, 1, 2 ]\n");
  const ended = await polling.stop("SIGINT");
  expect(ended).toMatchObject({ code: 0, errorOutput: "" });
});

test("every example is run by a test", () => {
  const names = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".js"));
  const self = readText("docs/test/programs.test.ts");
  const notRun = names.filter((name) => !self.includes(`"examples/${name}"`));
  expect(notRun).toEqual(["broker.js"]);
});

test("the demo prints what the README shows, within 80 columns, and ends by itself", async () => {
  const blocks = blocksOf("README.md", readText("README.md"));
  const shown = blocks.find(({ code }) => code.includes("npm start"))?.output ?? "";
  const { code, output, errorOutput } = await run(["packages/cli/dist/bin.js", "demo"], {
    // It prints in colour where CI is set.
    NO_COLOR: "1",
  });
  expect({ code, errorOutput }).toEqual({ code: 0, errorOutput: "" });
  expect(output.replace(/^\n/, "").trimEnd()).toMatch(patternOf(shown));
  expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("device, monitor, requester and batch work together", async () => {
  await using broker = await startDevBroker();
  const env = { MQTT_BROKER_HOSTNAME: "127.0.0.1", MQTT_BROKER_PORT: String(broker.port) };
  await using monitor = new ChildProgram(["examples/monitor.js"], env);
  await using device = new ChildProgram(["examples/device.js", "127.0.0.1", String(broker.port)]);
  await Promise.all([monitor.printed("listening to gf_int_v1/#"), device.printed("serves gains")]);

  const requester = await run(["examples/requester.js"], env);
  expect(requester).toMatchObject({ code: 0, errorOutput: "" });
  expect(requester.output).toBe(
    "gains: [ 0, 1, 2, 3, 4 ]\ngains: [ 8, 8, 4, 4, 2 ]\n404 for losses: there is no losses\n",
  );

  const batch = await run(["examples/batch.js"], env);
  expect(batch).toMatchObject({ code: 0, errorOutput: "" });
  expect(batch.output).toMatch(/^100 of 100 samples in \d+ ms\nmean 0\.186, largest 1\.000\n$/);

  await monitor.printed("205 samples/99");
  const [watched, served] = await Promise.all([monitor.stop(), device.stop()]);
  expect(watched).toMatchObject({ code: 0, errorOutput: "" });
  expect(watched.output).toContain("request   2D_XX_0_9999/axuv PUT gains [8,8,4,4,2]\n");
  expect(watched.output).toContain('event     2D_XX_0_9999/axuv {"timestamp":');
  expect(watched.output).toContain("response  2D_XX_0_9999/axuv 204 gains null\n");
  expect(served).toMatchObject({ code: 0, errorOutput: "" });
  expect(served.output).toContain("GET losses from requester-");
});

test("the device and the poller that block work together, and with those that do not", async () => {
  await using broker = await startDevBroker();
  const env = { MQTT_BROKER_HOSTNAME: "127.0.0.1", MQTT_BROKER_PORT: String(broker.port) };
  await using monitor = new ChildProgram(["examples/monitor.js"], env);
  await monitor.printed("listening to gf_int_v1/#");
  await using device = new ChildProgram(["examples/sync-device.js"], env);
  await device.printed("serves gains");
  await using poller = new ChildProgram(["examples/sync-poller.js"], env);
  await poller.printed("gains: [ 0, 1, 2, 3, 4 ]\n");

  const requester = await run(["examples/requester.js"], env);
  expect(requester).toMatchObject({ code: 0, errorOutput: "" });
  expect(requester.output).toContain("404 for losses: there is no losses\n");

  await poller.printed("gains: [ 8, 8, 4, 4, 2 ]\n");
  await monitor.printed('event     2D_XX_0_9999/axuv {"timestamp":');
  const [polled, served] = await Promise.all([poller.stop(), device.stop()]);
  expect(polled).toMatchObject({ code: null, errorOutput: "" });
  expect(polled.output).toContain("response 205 for gains\n");
  expect(served).toMatchObject({ code: null, errorOutput: "" });
  expect(served.output).toContain("idle -> connecting\nconnecting -> online\n");
  expect(served.output).toContain("GET losses from requester-");
});

test("the requester ends with an error where no device answers", async () => {
  await using broker = await startDevBroker();
  const { code, errorOutput } = await run([
    "examples/requester.js",
    "127.0.0.1",
    String(broker.port),
  ]);
  expect(code).toBe(1);
  expect(errorOutput).toContain("504 GATEWAY_TIMEOUT from 2D_XX_0_9999 for GET gains");
});
