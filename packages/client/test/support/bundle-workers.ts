import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// What is bundled from CommonJS asks for this.
const REQUIRE = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

/** What runs in threads of its own: Node takes no TypeScript there, so it is bundled once for all tests. */
const WORKERS = [
  { variable: "TEST_SYNC_WORKER", entry: "../../src/sync/worker.ts" },
  { variable: "TEST_BROKER_WORKER", entry: "../contract/brokers/apart-worker.ts" },
];

/** Before all tests: bundles the workers from the sources, and tells in the environment where they are. */
export const setup = async (): Promise<() => void> => {
  const folder = mkdtempSync(join(tmpdir(), "gf-mqtt-workers-"));
  await Promise.all(
    WORKERS.map(async ({ variable, entry }) => {
      const outfile = join(folder, `${variable}.mjs`);
      await build({
        entryPoints: [source(entry)],
        outfile,
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node20",
        banner: { js: REQUIRE },
        logLevel: "error",
        alias: { "gf-mqtt-dev-broker": source("../../../dev-broker/src/index.ts") },
      });
      process.env[variable] = outfile;
    }),
  );
  return () => rmSync(folder, { recursive: true, force: true });
};
