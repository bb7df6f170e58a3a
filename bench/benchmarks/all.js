// @ts-check
import { dataTables } from "./data-tables.js";
import { measureData } from "./data.js";
import { devicesTables } from "./devices-tables.js";
import { measureDevices } from "./devices.js";
import { echoTables } from "./echo-tables.js";
import { measureEcho } from "./echo.js";
import { measurePure, pureTables } from "./pure.js";
import { routerTables } from "./router-tables.js";
import { measureRouter } from "./router.js";
import { scaleTables } from "./scale-tables.js";
import { measureScale } from "./scale.js";
import { measureSize, sizeTables } from "./size.js";
import { measureSoak, soakTables } from "./soak.js";
import { syncTables } from "./sync-tables.js";
import { measureSync } from "./sync.js";

/** @typedef {import("../arguments.js").BenchmarkName} BenchmarkName */
/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("../targets.js").Results} Results */

/**
 * @typedef {object} Setting How to measure.
 * @property {boolean} quick Just long enough to see that everything works.
 * @property {number} rounds How often.
 * @property {(text: string) => void} note Tells what is being measured.
 */

/**
 * @typedef {object} Benchmark
 * @property {(setting: Setting) => Promise<Results>} measure Gives its own part of the results.
 * @property {(results: Results) => readonly Table[]} tables Those of its part; none where it was not measured.
 */

/** Every benchmark. @type {Readonly<Record<BenchmarkName, Benchmark>>} */
export const benchmarks = {
  echo: {
    measure: async (setting) => ({ echo: await measureEcho(setting) }),
    tables: ({ echo }) => (echo === undefined ? [] : echoTables(echo)),
  },
  sync: {
    measure: async (setting) => ({ sync: await measureSync(setting) }),
    tables: ({ sync }) => (sync === undefined ? [] : syncTables(sync)),
  },
  scale: {
    measure: async (setting) => ({ scale: await measureScale(setting) }),
    tables: ({ scale }) => (scale === undefined ? [] : scaleTables(scale)),
  },
  router: {
    measure: async (setting) => ({ router: await measureRouter(setting) }),
    tables: ({ router }) => (router === undefined ? [] : routerTables(router)),
  },
  devices: {
    measure: async (setting) => ({ devices: await measureDevices(setting) }),
    tables: ({ devices }) => (devices === undefined ? [] : devicesTables(devices)),
  },
  data: {
    measure: async (setting) => ({ data: await measureData(setting) }),
    tables: ({ data }) => (data === undefined ? [] : dataTables(data)),
  },
  soak: {
    measure: async (setting) => ({ soak: await measureSoak(setting) }),
    tables: ({ soak }) => (soak === undefined ? [] : soakTables(soak)),
  },
  pure: {
    measure: async (setting) => ({ pure: await measurePure(setting) }),
    tables: ({ pure }) => (pure === undefined ? [] : pureTables(pure)),
  },
  size: {
    measure: async (setting) => ({ size: await measureSize(setting) }),
    tables: ({ size }) => (size === undefined ? [] : sizeTables(size)),
  },
};
