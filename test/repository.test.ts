import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { missingFromLock } from "../tools/lockfile.js";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly files?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly [group: string]: unknown;
}

/** What git knows, and what it would add: a file is checked before it is committed. */
const listFiles = (): readonly string[] => {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  // A checkout may belong to somebody else, as it does in containers.
  const output = execFileSync("git", ["-c", "safe.directory=*", ...list], {
    cwd: root,
    encoding: "utf8",
  });
  return output.split("\0").filter((path) => path !== "" && existsSync(join(root, path)));
};

const files = listFiles();
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const readManifest = (path: string): Manifest => JSON.parse(read(path));
const manifestPaths = files.filter((path) => /(?:^|\/)package\.json$/.test(path));
const publishedFolders = manifestPaths
  .filter((path) => path.startsWith("packages/") && readManifest(path).private !== true)
  .map((path) => path.slice(0, -"/package.json".length));

/** Lines of `text` that match, as `path:line`. */
const linesMatching = (path: string, text: string, pattern: RegExp): readonly string[] =>
  text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : []));

const everywhere = (pattern: RegExp): readonly string[] =>
  files.flatMap((path) => linesMatching(path, read(path), pattern));

// Written in pieces, so that this file does not match its own patterns.
const personalFolders = ["work", "home", "root", "Users"].join("|");
const machinePath = new RegExp(String.raw`(?:^|file://|[^\w.:/~$}-])/(?:${personalFolders})/`);
const topLevels = ["org", "com", "net", "io", "dev"].join("|");
const registryHost = new RegExp(
  String.raw`\b(?:registry|npmjs|npm\.pkg)\.(?:[\w-]+\.)*(?:${topLevels})\b|^registry ?=`,
);
const exactVersion = /^(?:npm:(?:@[\w-]+\/)?[\w-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;

// Mocks of other kinds end with their test.
const moduleMock = /\bvi\.(?:m|doM)ock\(/;

const VERSION_GROUPS = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "overrides",
];

const looseVersions = (path: string, manifest: Manifest): readonly string[] =>
  VERSION_GROUPS.flatMap((group) =>
    Object.entries(manifest[group] ?? {})
      .filter(([, version]) => !exactVersion.test(String(version)))
      .map(([name, version]) => `${path}: ${group}: ${name} ${String(version)}`),
  );

/** All file paths in an exports map, whatever its conditions. */
const exportTargets = (entry: unknown): readonly string[] =>
  typeof entry === "string"
    ? [entry]
    : typeof entry === "object" && entry !== null
      ? Object.values(entry).flatMap(exportTargets)
      : [];

const sourceOf = (target: string): string =>
  target.replace(/^\.\/dist\//, "src/").replace(/(?:\.d\.ts|\.js)$/, ".ts");

describe("the patterns of this file", () => {
  /** The samples, too, are written so that they don't match: `|` for `/` and `!` for `.`. */
  const spell = (sample: string): string => sample.replaceAll("|", "/").replaceAll("!", ".");

  test.each(["|home|me|a", 'see "|work|a"', "(|root|x)", "file:|||Users|me|a.js", "a=|home|b"])(
    "take %s for a path of somebody's machine",
    (sample) => {
      expect(spell(sample)).toMatch(machinePath);
    },
  );
  test.each(["packages|home|a.ts", "https:||example.com|home|a", ".|work|a", "${root}|home|a"])(
    "take %s for no path of a machine",
    (sample) => {
      expect(spell(sample)).not.toMatch(machinePath);
    },
  );
  test.each(["https:||registry!npmjs!org|ws", "registry!example!com", "www!npmjs!com|ws"])(
    "take %s for a registry's host",
    (sample) => {
      expect(spell(sample)).toMatch(registryHost);
    },
  );
  test.each(["registry.test.ts", "registry.handlers.push(a)", "npm test"])(
    "take %s for no registry's host",
    (sample) => {
      expect(sample).not.toMatch(registryHost);
    },
  );
  test.each(["1.2.3", "2.0.0-beta.1", "npm:typescript@7.0.2"])("take %s for exact", (version) => {
    expect(version).toMatch(exactVersion);
  });
  test.each([
    "^1.2.3",
    "~1.2.3",
    "1.x",
    "*",
    "latest",
    ">=1.2.3",
    "npm:typescript@^7.0.2",
    "file:a",
  ])("take %s for a range", (version) => {
    expect(version).not.toMatch(exactVersion);
  });
});

describe("the repository", () => {
  test("names nobody's machine", () => {
    expect(everywhere(machinePath)).toEqual([]);
  });
  test("names no registry", () => {
    expect(everywhere(registryHost)).toEqual([]);
  });
  test("locks versions, not where they were downloaded", () => {
    expect(
      linesMatching("package-lock.json", read("package-lock.json"), /"resolved": "http/),
    ).toEqual([]);
  });
  test("locks the packages for all platforms, or `npm ci` would refuse the lock", () => {
    const missing = missingFromLock(JSON.parse(read("package-lock.json")).packages);
    expect(missing, "run: node tools/complete-lock.js").toEqual([]);
  });
  test("puts no module in the place of another in its tests, which share their processes", () => {
    const tests = files.filter((path) => /\/test\/.*\.ts$|^test\//.test(path));
    expect(tests.flatMap((path) => linesMatching(path, read(path), moduleMock))).toEqual([]);
  });
  test("pins every dependency to one version", () => {
    expect(manifestPaths.flatMap((path) => looseVersions(path, readManifest(path)))).toEqual([]);
  });
});

describe.each(manifestPaths)("%s", (path) => {
  const manifest = readManifest(path);

  test("says which Node it needs", () => {
    expect(manifest.engines?.["node"]).toBe(">=20.19");
  });
  test("has the MIT licence", () => {
    expect(manifest.license).toBe("MIT");
  });
});

describe.each(publishedFolders)("%s, when published,", (folder) => {
  const manifest = readManifest(`${folder}/package.json`);

  test("carries the licence, which npm takes from the package's own folder", () => {
    expect(read(`${folder}/LICENSE`)).toBe(read("LICENSE"));
  });
  test("consists of what was built, and of documents", () => {
    const documents = ["CHANGELOG.md", "docs", "examples"];
    const rest = manifest.files?.filter((path) => !documents.includes(path));
    expect(rest).toEqual(["dist"]);
  });
  test("exports nothing but what a source file builds", () => {
    const targets = exportTargets(manifest.exports).filter((path) => path !== "./package.json");
    const missing = targets.filter((path) => !files.includes(`${folder}/${sourceOf(path)}`));
    expect(targets).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});
