// @ts-check
// Measures what the library costs and how that compares with its targets.
// usage: npm run bench -- --help
import { writeFileSync } from "node:fs";
import { USAGE, UsageError, readArguments } from "./arguments.js";
import { describeEnvironment, environmentText, isBuilt } from "./environment.js";
import { tableText } from "./table.js";

/** @typedef {import("./arguments.js").Arguments} Arguments */
/** @typedef {import("./targets.js").Results} Results */

/** @param {string} problem */
const refuse = (problem) => {
  console.error(problem);
  process.exitCode = 2;
};

/** Tables go to the standard output, what is being measured goes beside it. @param {string} text */
const note = (text) => console.error(`... ${text}`);

/** @param {Arguments} settings */
const measure = async ({ quick, rounds, only, json }) => {
  if (!isBuilt()) {
    refuse("the packages are not built: npm run build");
    return;
  }
  // They import what was built.
  const { benchmarks } = await import("./benchmarks/all.js");
  const { judge, targetsTable } = await import("./targets.js");
  const environment = describeEnvironment();
  console.log(environmentText(environment));
  if (quick) console.log("quick: the figures are no measurements");

  /** @type {Results} */
  const results = {};
  for (const name of only) {
    const { measure: measureOne, tables } = benchmarks[name];
    Object.assign(results, await measureOne({ quick, rounds, note }));
    for (const table of tables(results)) console.log(`\n${tableText(table)}`);
  }
  const targets = judge(results);
  console.log(`\n${tableText(targetsTable(targets))}`);
  if (json === undefined) return;
  const report = { ...environment, quick, rounds, results, targets };
  writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
};

/** @param {readonly string[]} args */
const run = async (args) => {
  try {
    const settings = readArguments(args);
    if (settings.help) console.log(USAGE);
    else await measure(settings);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    refuse(`${error.message}\n\n${USAGE}`);
  }
};

// Processes that it started end with it, whatever ends it.
process.once("SIGTERM", () => process.exit(143));
process.once("SIGINT", () => process.exit(130));
await run(process.argv.slice(2));
