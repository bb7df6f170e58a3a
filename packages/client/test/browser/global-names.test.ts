import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { globalNames } from "./global-names.ts";

const namesIn = async (code: string): Promise<readonly string[]> => {
  const folder = await mkdtemp(join(tmpdir(), "global-names-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "code.js");
  await writeFile(path, code);
  return globalNames([path]).map(({ name, place }) => `${name} ${place}`);
};

test.each([
  "export const url = process.env.URL;",
  "export const isNode = typeof process === 'object';",
  "export const scope = { process };",
  "export const { env } = process;",
  "export const f = () => process;",
  "export class A { static { process.exit(); } }",
  "export const serve = (handle = process) => handle;",
  "globalThis.process.exit();",
  "globalThis.process['exit'](globalThis.process?.env);",
  "globalThis.process(new globalThis.process());",
])("a name that nobody declares is found in %s", async (code) => {
  expect(await namesIn(code)).toContain("process code.js:1");
});

test.each(["eval('1');", "export const run = eval;", "new Function('return 1')();"])(
  "what makes code from texts is found in %s",
  async (code) => {
    expect(await namesIn(code)).toEqual([expect.stringMatching(/^(?:eval|Function) code\.js:1$/)]);
  },
);

test.each([
  "globalThis.process?.exit();",
  "export const isNode = typeof globalThis.process === 'object';",
  "const { process } = globalThis; process?.exit();",
])("what is asked of globalThis with care is not found in %s", async (code) => {
  expect(await namesIn(code)).not.toContainEqual(expect.stringContaining("process"));
});

test.each([
  "const process = 1; export const double = process * 2;",
  "import { process } from './process.js'; export { process as handle };",
  "import { handle as process } from './process.js'; process();",
  "export const run = ({ process }) => process();",
  "export const run = (options) => options.process();",
  "export const run = ({ process: handle }) => handle();",
  "export const handler = { process() {}, other: { process: 1 } };",
  "export class Handler { #process = 1; process() { return this.#process; } }",
  "export function f() { return arguments.length + (new.target ? 1 : 0) || undefined; }",
  "export const base = import.meta.url;",
  "export const words = 'process', text = `Buffer`; // window",
])("nothing is found in %s", async (code) => {
  expect(await namesIn(code)).toEqual([]);
});
