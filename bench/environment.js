// @ts-check
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

/** Folder of the workspace. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} folder @returns {string} */
const versionOf = (folder) =>
  JSON.parse(readFileSync(new URL(`../${folder}/package.json`, import.meta.url), "utf8")).version;

/** @param {readonly string[]} args */
const git = (args) =>
  // A checkout may belong to somebody else, as it does in containers.
  execFileSync("git", ["-c", "safe.directory=*", ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();

/** What is measured; undefined where there is no git. */
const readCommit = () => {
  try {
    const commit = git(["rev-parse", "--short=12", "HEAD"]);
    const isChanged = git(["status", "--porcelain", "--", "packages"]) !== "";
    return isChanged ? `${commit} with changes` : commit;
  } catch {
    return undefined;
  }
};

/** On which machine, of what and when: figures mean nothing without it. */
export const describeEnvironment = () => ({
  date: new Date().toISOString(),
  commit: readCommit(),
  machine: {
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    /** How many programs wanted a core in the last minute: beyond half the cores, figures get worse. */
    load: loadavg()[0] ?? 0,
  },
  versions: {
    node: process.versions.node,
    "gf-mqtt-client": versionOf("packages/client"),
    mqtt: versionOf("node_modules/mqtt"),
  },
});

/** @typedef {ReturnType<typeof describeEnvironment>} Environment */

/** @param {Environment} environment */
export const environmentText = ({ date, commit, machine, versions }) => {
  const { processor, cores, system, load } = machine;
  return [
    `${date}, commit ${commit ?? "unknown"}`,
    `${processor}, ${cores} cores, ${system}, load ${load.toFixed(1)}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ].join("\n");
};

/** Whether the packages were built: what is measured is what would be published. */
export const isBuilt = () =>
  ["client", "dev-broker"].every((name) => existsSync(`${root}packages/${name}/dist/index.js`));
