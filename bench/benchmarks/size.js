// @ts-check
// What the library adds to a web page, and how long a program waits for it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "../environment.js";
import { kilobytes, significant, spread } from "../figures.js";
import { summarise } from "../summary.js";

/** @typedef {import("../summary.js").Summary} Summary */
/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./all.js").Setting} Setting */

/** @typedef {"with mqtt" | "without mqtt" | "own code"} Extent What a bundle holds of the dependencies. */
/** @typedef {{ content: string, extent: Extent, rawBytes: number, gzipBytes: number }} BundleResult */
/** @typedef {{ content: string, ms: Summary }} ImportResult */
/** @typedef {{ bundles: readonly BundleResult[], imports: readonly ImportResult[] }} SizeResult */

const CLIENT = "gf-mqtt-client";
/** What a page takes from the library. */
const CONTENTS = [
  { content: "MQTTClient", source: `export { MQTTClient } from "${CLIENT}";` },
  { content: "everything", source: `export * from "${CLIENT}";` },
];
const IMPORTS = 21;
const QUICK_IMPORTS = 3;

/** @returns {readonly string[]} */
const dependencies = () => {
  const manifest = JSON.parse(readFileSync(`${root}packages/client/package.json`, "utf8"));
  return Object.keys(manifest.dependencies);
};

/** @type {readonly { extent: Extent, external: readonly string[] }[]} */
const EXTENTS = [
  { extent: "with mqtt", external: [] },
  { extent: "without mqtt", external: ["mqtt"] },
  { extent: "own code", external: dependencies() },
];

/** The size of what a browser gets. @param {string} source @param {readonly string[]} external */
const bundle = async (source, external) => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: [...external],
    // The paths of the workspace's own lead to the sources; what counts is what was built.
    tsconfigRaw: {},
    write: false,
    logLevel: "error",
  });
  const code = Buffer.concat(outputFiles.map(({ contents }) => contents));
  return { rawBytes: code.length, gzipBytes: gzipSync(code, { level: 9 }).length };
};

/** Time that a fresh process takes to import a package, in ms. @param {string} name */
const timeImport = (name) => {
  const program = `const start = performance.now();
    await import(${JSON.stringify(name)});
    console.log(performance.now() - start);`;
  const args = ["--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }));
};

/** @param {Setting} setting @returns {Promise<SizeResult>} */
export const measureSize = async ({ quick, note }) => {
  note("size: bundles");
  const bundles = [];
  for (const { content, source } of CONTENTS) {
    for (const { extent, external } of EXTENTS) {
      bundles.push({ content, extent, ...(await bundle(source, external)) });
    }
  }
  note("size: imports");
  const names = [CLIENT, "mqtt"];
  const times = Array.from({ length: quick ? QUICK_IMPORTS : IMPORTS }, () =>
    names.map(timeImport),
  );
  const imports = names.map((content, index) => ({
    content,
    ms: summarise(times.map((round) => round[index] ?? Number.NaN)),
  }));
  return { bundles, imports };
};

/** @param {SizeResult} result @returns {readonly Table[]} */
export const sizeTables = ({ bundles, imports }) => [
  {
    title: "size: minified browser bundles",
    columns: ["of", "", "raw", "gzip"],
    texts: 2,
    rows: bundles.map(({ content, extent, rawBytes, gzipBytes }) => [
      content,
      extent,
      kilobytes(rawBytes),
      kilobytes(gzipBytes),
    ]),
  },
  {
    title: "size: import in a fresh process",
    columns: ["", "median ms", "min–max"],
    rows: imports.map(({ content, ms }) => [
      content,
      significant(ms.median),
      spread(ms, significant),
    ]),
  },
];
