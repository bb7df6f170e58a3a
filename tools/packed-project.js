// @ts-check
// An empty project with the packed packages installed, as a user would have it, made without network.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Folder of the workspace. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const PACKAGE_FOLDERS = ["packages/dev-broker", "packages/client", "packages/cli"];
const PACKED_ALWAYS = ["package.json", "LICENSE"];
/** Far beyond what a script of `tools/packed` takes: reaching it means a hang. */
const RUN_LIMIT_MS = 60_000;

/** @param {string} path @returns {{ name: string, dependencies?: Record<string, string> }} */
const readManifest = (path) => JSON.parse(readFileSync(join(path, "package.json"), "utf8"));

/** @param {string} target @param {string} path */
const link = (target, path) => {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
};

/** Where npm has put a dependency of the package in `folder`. @param {string} folder @param {string} name */
const installedAt = (folder, name) => {
  const own = join(folder, "node_modules", name);
  return existsSync(own) ? own : join(root, "node_modules", name);
};

/**
 * Packs one package into `project` and links what it declares, nothing more: a dependency that is
 * used and not declared is not found there.
 * @param {string} folder @param {string} project
 */
const installPacked = (folder, project) => {
  const { name, dependencies = {} } = readManifest(folder);
  const tarballs = mkdtempSync(join(project, "tarballs-"));
  const packArguments = ["pack", folder, "--pack-destination", tarballs];
  execFileSync("npm", [...packArguments, "--silent"], { cwd: root, stdio: "pipe" });
  const target = join(project, "node_modules", name);
  mkdirSync(target, { recursive: true });
  for (const tarball of readdirSync(tarballs)) {
    execFileSync("tar", ["-xzf", join(tarballs, tarball), "-C", target, "--strip-components=1"]);
  }
  rmSync(tarballs, { recursive: true });
  const missing = PACKED_ALWAYS.filter((file) => !existsSync(join(target, file)));
  if (missing.length > 0) throw new Error(`${name} is packed without ${missing.join(", ")}`);
  for (const dependency of Object.keys(dependencies)) {
    const path = join(target, "node_modules", dependency);
    link(installedAt(folder, dependency), path);
  }
};

/**
 * Makes the project in a temporary folder, with the scripts of `tools/packed` in it.
 * @returns {{ folder: string, remove: () => void }}
 */
export const createPackedProject = () => {
  const folder = mkdtempSync(join(tmpdir(), "gf-mqtt-packed-"));
  cpSync(join(root, "tools/packed"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const path of PACKAGE_FOLDERS) installPacked(join(root, path), folder);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

/** Links a package of the workspace's own `node_modules` into the project. @param {string} project @param {string} name */
export const linkFromRoot = (project, name) => {
  link(join(root, "node_modules", name), join(project, "node_modules", name));
};

/**
 * Runs a command in a folder and says whether it ended by itself with code 0.
 * @param {string} folder @param {readonly string[]} command @param {number} [timeout] In ms.
 * @returns {{ ok: boolean, output: string }}
 */
export const runIn = (folder, [command = "", ...parameters], timeout = RUN_LIMIT_MS) => {
  const encoding = /** @type {const} */ ("utf8");
  const { status, error, stdout, stderr } = spawnSync(command, parameters, {
    cwd: folder,
    encoding,
    timeout,
  });
  const reason = error === undefined ? "" : `${error.message}\n`;
  return { ok: status === 0, output: `${stdout ?? ""}${stderr ?? ""}${reason}`.trim() };
};

/**
 * Runs `use` while the embedded broker runs in a Node process of its own.
 * @template T
 * @param {string} project @param {(urls: readonly string[]) => T} use
 * @returns {Promise<T>}
 */
export const withBrokerApart = async (project, use) => {
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
