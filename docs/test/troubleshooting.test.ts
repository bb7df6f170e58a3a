import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { readText, root } from "./support/documents.ts";

const sourcesIn = (folder: string): string =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readFileSync(join(root, folder, path), "utf8"))
    .join("\n");

const guide = readText("docs/troubleshooting.md");
const printed = sourcesIn("packages/client/src");

/** What the first column of the table about `connect()` quotes. */
const texts = [...guide.matchAll(/^\| `([^"`]+)`\s*\|/gm)].flatMap(([, text]) => text ?? []);

test("the table about connect() is found", () => {
  expect(texts.length).toBeGreaterThan(10);
});

test.each(texts)("the client prints what the guide quotes: %s", (text) => {
  for (const part of text.split("…")) expect(printed).toContain(part.trim());
});

const [, doctors = ""] = /^## Ask the doctor$([^]*?)^## /m.exec(guide) ?? [];
const said = [...doctors.matchAll(/^\|[^|]*\|([^|]*)\|/gm)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, text]) => text ?? []),
);
const saidByDoctor = sourcesIn("packages/cli/src/diagnosis");

test("the table about the doctor is found", () => {
  expect(said.length).toBeGreaterThan(15);
});

test.each(said)("the doctor prints what the guide quotes: %s", (text) => {
  for (const part of text.split("…")) expect(saidByDoctor).toContain(part.trim());
});
