// @ts-check
// Puts the tables of a run into docs/performance.md, each in place of the one with the same title.
// usage: node bench/document.js <file that --json has written>
import { readFileSync, writeFileSync } from "node:fs";
import { benchmarks } from "./benchmarks/all.js";
import { environmentText, root } from "./environment.js";
import { tableText } from "./table.js";
import { judge, targetsTable } from "./targets.js";

/** @typedef {import("./environment.js").Environment & { results: import("./targets.js").Results }} Report */

const DOCUMENT = `${root}docs/performance.md`;
const TEXT_BLOCK = /```text\n(.*?)```/gs;
/** Where and when it was measured has a date for its title. */
const DATE = /^\d{4}-\d{2}-\d{2}T/;

/** @param {Report} report @returns {ReadonlyMap<string, string>} */
const textsByTitle = ({ results, ...environment }) => {
  const tables = Object.values(benchmarks).flatMap(({ tables: tablesOf }) => tablesOf(results));
  return new Map([
    ["date", environmentText(environment)],
    ...[...tables, targetsTable(judge(results))].map(
      (table) => /** @type {const} */ ([table.title, tableText(table)]),
    ),
  ]);
};

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node bench/document.js <file that --json has written>");
  process.exitCode = 2;
} else {
  const texts = textsByTitle(JSON.parse(readFileSync(file, "utf8")));
  const document = readFileSync(DOCUMENT, "utf8").replaceAll(TEXT_BLOCK, (block, content) => {
    const [title = ""] = content.split("\n");
    const text = texts.get(DATE.test(title) ? "date" : title);
    if (text === undefined) console.error(`left as it was: ${title}`);
    return text === undefined ? block : `\`\`\`text\n${text}\n\`\`\``;
  });
  writeFileSync(DOCUMENT, document);
}
