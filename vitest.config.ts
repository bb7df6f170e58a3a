import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
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
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "docs/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["packages/client/test/support/bundle-workers.ts"],
    pool: "forks",
    // Files share a few processes, one after another: each of them loads the library, and starts a worker for
    // blocking clients, but once. So a file leaves nothing behind, and puts no module in the place of another.
    isolate: false,
    // Tests often wait for sockets and timers, so there is room for one more than there are cores.
    maxWorkers: Math.max(3, availableParallelism()),
    allowOnly: false,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    // A safety net only: every wait of a test has its own deadline.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ["default"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      reporter: ["text", "html"],
    },
  },
});
