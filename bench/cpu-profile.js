// @ts-check
// Reads what `node --cpu-prof` writes.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} ProfileNode
 * @property {number} id
 * @property {{ functionName: string, url: string, lineNumber: number }} callFrame
 */
/** @typedef {{ nodes: readonly ProfileNode[], samples: readonly number[], timeDeltas: readonly number[] }} Profile */
/** @typedef {{ name: string, share: number }} Share A part of the time in which the process was busy. */

/** @type {readonly (readonly [pattern: RegExp, area: string])[]} */
const AREAS = [
  [/packages\/client\/dist\/(\w+)\//, "library: $1"],
  [/packages\/client\/dist\//, "library"],
  [/\/bench\//, "the benchmark itself"],
  [/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/, "$1"],
  [/^node:internal\/(?:streams|stream_base)/, "node: streams"],
  [/^node:(?:internal\/)?(?:net|tls)/, "node: net"],
  [/^node:(?:internal\/)?timers/, "node: timers"],
  [/^node:(?:internal\/)?process\/task_queues/, "node: task queues"],
  [/^node:(?:internal\/)?(?:crypto|webcrypto)/, "node: crypto"],
  [/^node:(?:internal\/)?buffer/, "node: buffer"],
  [/^node:/, "node: other"],
];

/** Whose code a function is. @param {ProfileNode} node */
const areaOf = ({ callFrame: { functionName, url } }) => {
  for (const [pattern, area] of AREAS) {
    const match = pattern.exec(url);
    if (match !== null) return area.replace("$1", match[1] ?? "");
  }
  // Such as "(garbage collector)", and system calls made from native code.
  return functionName.startsWith("(") ? functionName : "native code";
};

/** @param {ProfileNode} node */
const functionOf = (node) => {
  const { functionName, url, lineNumber } = node.callFrame;
  const file = url.split("/").at(-1) ?? "";
  const place = file === "" ? "" : ` (${file}:${lineNumber + 1})`;
  return `${functionName === "" ? "anonymous" : functionName}${place}`;
};

/** Time spent in each function itself, in µs. @param {Profile} profile */
const selfTimes = ({ nodes, samples, timeDeltas }) => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = /** @type {Map<ProfileNode, number>} */ (new Map());
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === "(idle)") continue;
    times.set(node, (times.get(node) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return times;
};

/**
 * The time in which the process was busy, by something that a function says of itself, most first.
 *
 * @param {Profile} profile @param {(node: ProfileNode) => string} nameOf @returns {readonly Share[]}
 */
const sharesBy = (profile, nameOf) => {
  const times = selfTimes(profile);
  const names = /** @type {Map<string, number>} */ (new Map());
  let busy = 0;
  for (const [node, micros] of times) {
    const name = nameOf(node);
    names.set(name, (names.get(name) ?? 0) + micros);
    busy += micros;
  }
  return [...names]
    .map(([name, micros]) => ({ name, share: micros / busy }))
    .toSorted((one, other) => other.share - one.share);
};

/** @param {Profile} profile */
export const sharesByArea = (profile) => sharesBy(profile, areaOf);
/** @param {Profile} profile */
export const sharesByFunction = (profile) => sharesBy(profile, functionOf);

/** Without start-up and warm-up. @param {Profile} profile @param {number} lastMs */
const lastPartOf = ({ nodes, samples, timeDeltas }, lastMs) => {
  let first = timeDeltas.length;
  for (let micros = 0; first > 0 && micros < lastMs * 1_000; first -= 1) {
    micros += timeDeltas[first - 1] ?? 0;
  }
  return { nodes, samples: samples.slice(first), timeDeltas: timeDeltas.slice(first) };
};

/** The end of the only profile in a folder, and where it is. @param {string} folder @param {number} lastMs */
export const readProfile = (folder, lastMs) => {
  const [name, ...others] = readdirSync(folder).filter((file) => file.endsWith(".cpuprofile"));
  if (name === undefined || others.length > 0) {
    throw new Error(`${folder} holds ${name === undefined ? "no" : "more than one"} profile`);
  }
  const path = join(folder, name);
  /** @type {Profile} */
  const profile = JSON.parse(readFileSync(path, "utf8"));
  return { path, profile: lastPartOf(profile, lastMs) };
};
