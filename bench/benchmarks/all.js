// @ts-check
import { echoTables } from "./echo-tables.js";
import { measureEcho } from "./echo.js";
import { measurePure, pureTables } from "./pure.js";
import { scaleTables } from "./scale-tables.js";
import { measureScale } from "./scale.js";
import { measureSize, sizeTables } from "./size.js";
import { measureSoak, soakTables } from "./soak.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("../targets.js").Results} Results */

/**
 * @typedef {object} Setting How to measure.
 * @property {boolean} quick Just long enough to see that everything works.
 * @property {number} rounds How often.
 * @property {(text: string) => void} note Tells what is being measured.
 */

/**
 * Every benchmark: measures, adds what it measured to the results, and gives the tables that show it.
 *
 * @type {Readonly<Record<
 *   import("../arguments.js").BenchmarkName,
 *   (setting: Setting, results: Results) => Promise<readonly Table[]>
 * >>}
 */
export const benchmarks = {
  echo: async (setting, results) => {
    results.echo = await measureEcho(setting);
    return echoTables(results.echo);
  },
  scale: async (setting, results) => {
    results.scale = await measureScale(setting);
    return scaleTables(results.scale);
  },
  soak: async (setting, results) => {
    results.soak = await measureSoak(setting);
    return soakTables(results.soak);
  },
  pure: async (setting, results) => {
    results.pure = await measurePure(setting);
    return pureTables(results.pure);
  },
  size: async (setting, results) => {
    results.size = await measureSize(setting);
    return sizeTables(results.size);
  },
};
