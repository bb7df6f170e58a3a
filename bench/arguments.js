// @ts-check
import { parseArgs } from "node:util";

/** Every benchmark there is, in the order in which they run. */
export const BENCHMARK_NAMES = /** @type {const} */ ([
  "echo",
  "sync",
  "scale",
  "router",
  "devices",
  "data",
  "soak",
  "pure",
  "size",
]);

/** @typedef {typeof BENCHMARK_NAMES[number]} BenchmarkName */

/**
 * @typedef {object} Arguments What the command line says.
 * @property {boolean} help
 * @property {boolean} quick Whether to measure just long enough to see that everything works.
 * @property {number} rounds How often each thing is measured.
 * @property {readonly BenchmarkName[]} only
 * @property {string | undefined} json Where to write the results.
 */

const DEFAULT_ROUNDS = 5;
const QUICK_ROUNDS = 1;
const MOST_ROUNDS = 100;

export const USAGE = `usage: npm run bench -- [options]

  --only NAME[,NAME]  only these benchmarks: ${BENCHMARK_NAMES.join(", ")}
  --rounds N          measure everything N times (default ${DEFAULT_ROUNDS})
  --quick             short and inexact: does it all work?
  --json FILE         write the results to FILE, too
  --help              this text`;

/** The command line makes no sense. */
export class UsageError extends Error {
  static {
    this.prototype.name = "UsageError";
  }
}

/** @param {readonly string[]} args */
const parse = (args) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        rounds: { type: "string" },
        json: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

/** @param {string} name @returns {name is BenchmarkName} */
const isBenchmark = (name) => BENCHMARK_NAMES.some((known) => known === name);

/** @param {string} list @returns {readonly BenchmarkName[]} */
const readOnly = (list) => {
  const names = list.split(",");
  const unknown = names.filter((name) => !isBenchmark(name));
  if (unknown.length > 0) {
    const known = BENCHMARK_NAMES.join(", ");
    throw new UsageError(
      `--only: no benchmark named "${unknown.join('", "')}"; there are ${known}`,
    );
  }
  return BENCHMARK_NAMES.filter((name) => names.includes(name));
};

/** @param {string} text */
const readRounds = (text) => {
  const rounds = /^\d+$/.test(text) ? Number(text) : 0;
  if (rounds >= 1 && rounds <= MOST_ROUNDS) return rounds;
  throw new UsageError(`--rounds: expected a whole number from 1 to ${MOST_ROUNDS}, got "${text}"`);
};

/**
 * Reads the command line, without the program's name.
 *
 * @param {readonly string[]} args
 * @returns {Arguments}
 * @throws {UsageError} an option is unknown, or has a value that it cannot have.
 */
export const readArguments = (args) => {
  const { help, quick, only, rounds, json } = parse(args);
  if (json === "") throw new UsageError("--json: expected the name of a file");
  return {
    help,
    quick,
    rounds: rounds === undefined ? (quick ? QUICK_ROUNDS : DEFAULT_ROUNDS) : readRounds(rounds),
    only: only === undefined ? BENCHMARK_NAMES : readOnly(only),
    json,
  };
};
