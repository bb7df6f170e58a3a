// @ts-check
// Long runs that try to break the clients; each in a process of its own, so that its death is seen.
// usage: npm run attack -- [name ...] [--quick] [--seed 1] [--count n]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** How many of what, in full and when it has to be quick; and flags for Node. */
const ATTACKS = {
  messages: { full: 1_000_000, quick: 2_000, flags: [] },
  packets: { full: 100_000, quick: 1_000, flags: [] },
  acknowledgements: { full: 20, quick: 1, flags: [] },
  withdrawn: { full: 200, quick: 50, flags: [] },
  "long-ids": { full: 600, quick: 100, flags: ["--max-old-space-size=512"] },
};

/** Longest a single run may take, in ms. */
const LONGEST_MS = 3_600_000;

const usage = `usage: npm run attack -- [${Object.keys(ATTACKS).join("|")} ...] [--quick] [--seed 1] [--count n]`;

/** @param {string} name @param {{ quick: boolean, seed: string, count?: string | undefined }} size */
const run = (name, { quick, seed, count }) => {
  const attack = Object.entries(ATTACKS).find(([known]) => known === name)?.[1];
  if (attack === undefined) {
    console.error(`unknown attack: ${name}\n${usage}`);
    process.exit(2);
  }
  const many = count ?? String(quick ? attack.quick : attack.full);
  console.log(`${name}: ${many}, seed ${seed}`);
  const program = fileURLToPath(new URL(`attack/${name}.js`, import.meta.url));
  const args = [...attack.flags, program, "--count", many, "--seed", seed];
  const { status, signal } = spawnSync(process.execPath, args, {
    stdio: "inherit",
    timeout: LONGEST_MS,
  });
  if (status !== 0) console.error(`${name} FAILED (${signal ?? `code ${status}`}, seed ${seed})`);
  return status === 0;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    count: { type: "string" },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(ATTACKS);
const results = names.map((name) => run(name, values));
process.exitCode = results.every(Boolean) ? 0 : 1;
