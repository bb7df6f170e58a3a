import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { readText, root } from "./support/documents.ts";

const sources = join(root, "packages/client/src");

const printed = readdirSync(sources, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => readFileSync(join(sources, path), "utf8"))
  .join("\n");

/** What the first column of the table about `connect()` quotes. */
const texts = [...readText("docs/troubleshooting.md").matchAll(/^\| `([^"`]+)`\s*\|/gm)].flatMap(
  ([, text]) => text ?? [],
);

test("the table about connect() is found", () => {
  expect(texts.length).toBeGreaterThan(10);
});

test.each(texts)("the client prints what the guide quotes: %s", (text) => {
  for (const part of text.split("…")) expect(printed).toContain(part.trim());
});
