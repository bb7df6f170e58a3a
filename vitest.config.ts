import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Each of these test files gets a process of its own. All others share a few, one after another, which spares loading
 * the library, and a worker of a blocking client, for each: they leave nothing behind.
 */
const APART = ["packages/client/test/browser/**/*.test.ts", "test/**/*.test.ts"];

const resolve: TestProjectInlineConfiguration["resolve"] = {
  alias: [
    { find: /^gf-mqtt-client$/, replacement: source("packages/client/src/index.ts") },
    { find: /^gf-mqtt-client\/testing$/, replacement: source("packages/client/src/testing.ts") },
    { find: /^gf-mqtt-client\/sync$/, replacement: source("packages/client/src/sync.ts") },
    // What runs in a thread of its own is JavaScript, made by the global setup.
    {
      find: /^\.\/worker-location\.ts$/,
      replacement: source("packages/client/test/support/worker-location.ts"),
    },
    // So that many cases can share a worker, see there.
    {
      find: /^\.\/worker-source\.ts$/,
      replacement: source("packages/client/test/support/worker-source.ts"),
    },
    { find: /^gf-mqtt-cli$/, replacement: source("packages/cli/src/index.ts") },
    { find: /^gf-mqtt-dev-broker$/, replacement: source("packages/dev-broker/src/index.ts") },
  ],
};

const settings: TestProjectInlineConfiguration["test"] = {
  pool: "forks",
  // Tests often wait for sockets and timers, so there is room for one more than there are cores.
  maxWorkers: Math.max(3, availableParallelism()),
  allowOnly: false,
  restoreMocks: true,
  unstubEnvs: true,
  unstubGlobals: true,
  // A safety net only: every wait of a test has its own deadline.
  testTimeout: 20_000,
  hookTimeout: 20_000,
};

export default defineConfig({
  test: {
    globalSetup: ["packages/client/test/support/bundle-workers.ts"],
    reporters: ["default"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      reporter: ["text", "html"],
    },
    projects: [
      { resolve, test: { ...settings, name: "apart", include: APART } },
      {
        resolve,
        test: {
          ...settings,
          name: "sharing",
          include: ["packages/*/test/**/*.test.ts", "docs/test/**/*.test.ts"],
          exclude: APART,
          isolate: false,
        },
      },
    ],
  },
});
