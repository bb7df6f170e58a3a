import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { PayloadHandler } from "gf-mqtt-client";
import { describe, expect, test } from "vitest";

import { localLinksOf as packagedLinksOf, toPackaged } from "../../tools/package-links.js";
import { documentPaths, guidePaths, readText, root } from "./support/documents.ts";
import { anchorsOf, blocksOf, localLinksOf } from "./support/markdown.ts";
import type { Block } from "./support/markdown.ts";

const blocksIn = (paths: readonly string[], language: string): readonly Block[] =>
  paths
    .flatMap((path) => blocksOf(path, readText(path)))
    .filter((block) => block.language === language);

/** Whether a link leads to a file, and to a heading in it if it names one. */
const leadsSomewhere = (from: string, path: string, anchor: string | undefined): boolean => {
  const target = path === "" ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(readText(target)).includes(anchor);
};

describe.each(documentPaths)("%s", (document) => {
  test("links to what exists", () => {
    const dead = localLinksOf(readText(document)).filter(
      ({ path, anchor }) => !leadsSomewhere(document, path, anchor),
    );
    expect(dead).toEqual([]);
  });
});

const { scripts } = JSON.parse(readText("package.json")) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const packages = ["packages/client", "packages/cli", "packages/dev-broker"].map(
  (folder) => (JSON.parse(readText(`${folder}/package.json`)) as { readonly name: string }).name,
);

const cliCommands = Array.from(
  readText("packages/cli/src/command-table.ts").matchAll(/name: "([a-z]+)/g),
  ([, name]) => name,
);

/** Whether there is what a command of the documents runs. */
const isCommand = (command: string): boolean => {
  const [program, verb = "", ...rest] = command.split(" ");
  if (program === "node") return existsSync(join(root, verb));
  if (program === "gf-mqtt") return cliCommands.includes(verb);
  if (program !== "npm") return false;
  if (verb === "ci") return true;
  if (verb === "install")
    return rest.every((name) => name === "--global" || packages.includes(name));
  return (verb === "run" ? (rest[0] ?? "") : verb) in scripts;
};

test("every command in the documents can be run", () => {
  const commands = blocksIn(documentPaths, "sh").flatMap(({ code }) => code.split(/\n| && /));
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.filter((command) => !isCommand(command))).toEqual([]);
});

test("every payload in the documents is a valid one", () => {
  const payloads = blocksIn(guidePaths, "json");
  expect(payloads.length).toBeGreaterThan(0);
  for (const { code } of payloads) {
    expect(() => new PayloadHandler().parsePayload(code)).not.toThrow();
  }
});

describe("a document of the package", () => {
  const packaged = (document: string): string =>
    toPackaged(document, {
      path: "docs/sync.md",
      isPackaged: (path) => path === "docs/client.md" || path === "README.md",
    });

  test.each(["[a](client.md)", "[a](client.md#b)", "[a](../README.md)", "[a](#b)"])(
    "keeps %s, which leads to something that is packaged",
    (link) => {
      expect(packaged(link)).toBe(link);
    },
  );
  test.each([
    ["[the bench](../bench/README.md)", "the bench (bench/README.md)"],
    ["[bench](../bench)", "bench"],
    ["[`bench`](../bench#a)", "`bench`"],
  ])("has %s as text, since the package lacks it", (link, text) => {
    expect(packaged(link)).toBe(text);
  });
  test("tells where its links lead", () => {
    expect(packagedLinksOf("[a](b.md#c) [d](https://e) [f](../g)")).toEqual(["b.md", "../g"]);
  });
});
