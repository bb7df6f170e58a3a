import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const packages = fileURLToPath(new URL("../packages", import.meta.url));

type Imports = ReadonlyMap<string, readonly string[]>;

/** The relative imports of each file, types included, which the linter's rule leaves out. */
const importsAmong = (files: ReadonlyMap<string, string>): Imports =>
  new Map(
    [...files].map(([path, content]) => [
      path,
      ts
        .preProcessFile(content)
        .importedFiles.map(({ fileName }) => fileName)
        .filter((name) => name.startsWith("."))
        .map((name) => posix.join(posix.dirname(path), name)),
    ]),
  );

/** The first way found from a file back to itself, for each file that has one. */
const circlesIn = (imports: Imports): readonly string[] => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start !== -1) circles.push([...way.slice(start), path].join(" → "));
    if (start !== -1 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return circles;
};

const sourcesOf = (name: string): ReadonlyMap<string, string> => {
  const folder = join(packages, name, "src");
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
};

test.each(readdirSync(packages))("no file of %s imports itself by way of others", (name) => {
  const sources = sourcesOf(name);
  expect(sources.size).toBeGreaterThan(0);
  expect(circlesIn(importsAmong(sources))).toEqual([]);
});

describe("a circle", () => {
  const circlesOf = (files: Readonly<Record<string, string>>): readonly string[] =>
    circlesIn(importsAmong(new Map(Object.entries(files))));

  test("of types only is found", () => {
    const files = {
      "a/one.ts": 'import type { Two } from "../b/two.ts";',
      "b/two.ts": 'export { One } from "../a/one.ts";',
    };
    expect(circlesOf(files)).toEqual(["a/one.ts → b/two.ts → a/one.ts"]);
  });
  test("is found where something else leads to it", () => {
    const files = {
      "one.ts": 'import "./two.ts";',
      "two.ts": 'import "./three.ts";',
      "three.ts": 'import type { Two } from "./two.ts";',
    };
    expect(circlesOf(files)).toEqual(["two.ts → three.ts → two.ts"]);
  });
  test("is none where two files import a third", () => {
    const files = {
      "one.ts": 'import "./two.ts"; import "./three.ts";',
      "two.ts": 'import "./three.ts";',
      "three.ts": "",
    };
    expect(circlesOf(files)).toEqual([]);
  });
});
