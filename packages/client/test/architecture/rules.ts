import { posix } from "node:path";
import type { SourceFile } from "./source-file.ts";

/**
 * The folders of `src/` and their levels. A folder imports from lower levels only: not from above
 * and not from its neighbours, so `errors/` and `runtime/` know nothing of each other either.
 * Files directly in `src/` are entry points above all of them.
 */
const LEVELS: ReadonlyMap<string, number> = new Map([
  ["errors", 0],
  ["runtime", 0],
  ["json", 1],
  ["protocol", 2],
  ["options", 2],
  ["cbor", 3],
  ["transport", 3],
  ["handlers", 3],
  ["connection", 4],
  ["exchange", 4],
  ["client", 5],
  ["device", 6],
  ["sync", 7],
  ["simulation", 7],
]);
const ENTRY_LEVEL = 8;

const MQTT_FILE = "transport/mqtt.ts";
const NODE_FOLDER = "sync";
const CLOCK_FILE = "protocol/payload-handler.ts";

/** What `protocol/` must not name, being pure: timers, clocks, randomness and output. */
const IMPURE_NAMES: ReadonlySet<string> = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "fetch",
  "crypto",
  "performance",
  "console",
  "process",
  "globalThis",
  "Date",
  "Date.now",
  "new Date()",
  "Math.random",
]);

/** One sentence for each broken promise, each beginning with the file's path. */
export type Rule = (file: SourceFile) => readonly string[];

const folderOf = (path: string): string | undefined =>
  path.includes("/") ? path.slice(0, path.indexOf("/")) : undefined;

const levelOf = (path: string): number | undefined => {
  const folder = folderOf(path);
  return folder === undefined ? ENTRY_LEVEL : LEVELS.get(folder);
};

const isRelative = (specifier: string): boolean => /^\.\.?(?:\/|$)/.test(specifier);

/** The package of a bare specifier: `mqtt` for `mqtt/build`, `@scope/name` for `@scope/name/part`. */
const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** Every folder has a level. */
export const folderIsKnown: Rule = ({ path }) =>
  levelOf(path) === undefined
    ? [
        `${path}: folder "${folderOf(path)}" has no level; known are ${[...LEVELS.keys()].join(", ")}`,
      ]
    : [];

/** A folder imports from lower levels only, and nothing outside `src/`. */
export const importsPointDown: Rule = ({ path, references }) =>
  references.flatMap(({ specifier, line }) => {
    if (specifier === undefined) return [`${path}:${line}: a computed import cannot be checked`];
    if (!isRelative(specifier)) return [];
    const target = posix.join(posix.dirname(path), specifier);
    if (target.startsWith("..")) return [`${path}:${line}: ${specifier} lies outside src/`];
    if (folderOf(target) === folderOf(path)) return [];
    const [own, other] = [levelOf(path), levelOf(target)];
    if (own === undefined || other === undefined) return [];
    return other < own
      ? []
      : [`${path}:${line}: level ${own} must not import ${target} of level ${other}`];
  });

/** Relative imports name files that exist, by their whole name. */
export const importsResolve =
  (paths: ReadonlySet<string>): Rule =>
  ({ path, references }) =>
    references.flatMap(({ specifier, line }) => {
      if (specifier === undefined || !isRelative(specifier)) return [];
      const target = posix.join(posix.dirname(path), specifier);
      return target.startsWith("..") || paths.has(target)
        ? []
        : [`${path}:${line}: ${specifier} is no source file`];
    });

/** Packages come from the manifest's dependencies, `mqtt` only through the one file that wraps it. */
export const packagesAreDeclared =
  (dependencies: ReadonlySet<string>): Rule =>
  ({ path, references }) =>
    references.flatMap(({ specifier, line }) => {
      if (specifier === undefined || isRelative(specifier) || specifier.startsWith("node:"))
        return [];
      const name = packageOf(specifier);
      if (!dependencies.has(name)) return [`${path}:${line}: "${specifier}" is not a dependency`];
      return name === "mqtt" && path !== MQTT_FILE
        ? [`${path}:${line}: only ${MQTT_FILE} imports "mqtt"`]
        : [];
    });

/** Only the blocking client needs Node; the rest runs in browsers. */
export const nodeStaysInSync: Rule = ({ path, references }) =>
  references.flatMap(({ specifier, line }) =>
    specifier?.startsWith("node:") === true && folderOf(path) !== NODE_FOLDER
      ? [`${path}:${line}: "${specifier}" outside ${NODE_FOLDER}/`]
      : [],
  );

/** `protocol/` has no clock, no timers, no randomness and no output. */
export const protocolIsPure: Rule = ({ path, mentions }) => {
  if (folderOf(path) !== "protocol") return [];
  const impure = new Map<number, string>();
  for (const { name, line, called } of mentions) {
    // The caller's clock by default: named there, never read.
    const isDefaultClock = name === "Date.now" && path === CLOCK_FILE && !called;
    if (IMPURE_NAMES.has(name) && !isDefaultClock) impure.set(line, name);
  }
  return [...impure].map(([line, name]) => `${path}:${line}: ${name} in protocol/, which is pure`);
};

/** What comes from outside is `unknown` until a validator has seen it. */
export const nothingIsAny: Rule = ({ path, anyLines }) =>
  anyLines.map((line) => `${path}:${line}: the type any`);

/** A file says one thing, and is no longer than that takes. */
export const fileIsShort =
  (ceiling: number): Rule =>
  ({ path, lineCount }) =>
    lineCount > ceiling ? [`${path}: ${lineCount} lines; the ceiling is ${ceiling}`] : [];

/** File names are kebab-case nouns that say what is inside. */
export const fileIsNamedForItsTopic: Rule = ({ path }) => {
  const name = posix.basename(path);
  if (!/^[a-z\d]+(?:-[a-z\d]+)*(?:\.test)?\.ts$/.test(name)) return [`${path}: not in kebab-case`];
  return /^(?:utils?|helpers?|types?|common|misc)\.ts$/.test(name)
    ? [`${path}: the name says nothing about what is inside`]
    : [];
};
