import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import { openBarePage } from "./bare-page.ts";
import { bundleEntryPoint } from "./bundle.ts";
import type { Bundle } from "./bundle.ts";
import { globalNames } from "./global-names.ts";

const languageNames: readonly string[] = runInNewContext("Object.getOwnPropertyNames(globalThis)");
/** What makes code from texts, against security policies; what few pages have; our output. */
const FORBIDDEN = new Set(["eval", "Function", "WebAssembly", "SharedArrayBuffer", "console"]);
/** What Node and browsers have beside the language, on insecure origins too. */
const PLATFORM_NAMES = [
  "AbortController",
  "AbortSignal",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "URLSearchParams",
  "clearTimeout",
  "crypto",
  "performance",
  "queueMicrotask",
  "setTimeout",
];
const everywhere = new Set([
  ...languageNames.filter((name) => !FORBIDDEN.has(name)),
  ...PLATFORM_NAMES,
]);

describe.each(["gf-mqtt-client", "gf-mqtt-client/testing", "gf-mqtt-client/cbor"])(
  "%s, bundled for a page,",
  (entry) => {
    let bundle: Bundle;

    beforeAll(async () => {
      bundle = await bundleEntryPoint(entry);
    });

    test("imports nothing that only Node has", () => {
      expect(bundle.builtinImports).toEqual([]);
    });

    test("is complete: there is nothing left to load", () => {
      expect(bundle.leftOutside).toEqual([]);
      // How a bundler spells a call of `require` that it could not resolve.
      expect(bundle.code).not.toContain("Dynamic require of");
    });

    test("refers in its own code to nothing but what Node and browsers share", () => {
      expect(bundle.ownFiles).not.toEqual([]);
      expect(globalNames(bundle.ownFiles).filter(({ name }) => !everywhere.has(name))).toEqual([]);
    });
  },
);

describe("gf-mqtt-client/sync, bundled for a page,", () => {
  let bundle: Bundle;

  beforeAll(async () => {
    bundle = await bundleEntryPoint("gf-mqtt-client/sync");
  });

  test("imports nothing that only Node has", () => {
    expect(bundle.builtinImports).toEqual([]);
  });

  test("is complete: there is nothing left to load", () => {
    expect(bundle.leftOutside).toEqual([]);
  });
});

test("the blocking client is in the bundle of gf-mqtt-client/sync only", async () => {
  const syncFilesOf = async (entry: string): Promise<readonly string[]> =>
    (await bundleEntryPoint(entry)).ownFiles.filter((path) => path.includes("/sync/"));
  expect(await syncFilesOf("gf-mqtt-client")).toEqual([]);
  expect(await syncFilesOf("gf-mqtt-client/sync")).toContainEqual(
    expect.stringMatching(/sync-client\.js$/),
  );
});

test("CBOR is in no bundle of those who do not import it", async () => {
  for (const entry of ["gf-mqtt-client", "gf-mqtt-client/testing"]) {
    const { ownFiles } = await bundleEntryPoint(entry);
    expect(ownFiles.filter((path) => path.includes("/dist/cbor/"))).toEqual([]);
  }
  const { ownFiles } = await bundleEntryPoint("gf-mqtt-client/cbor");
  expect(ownFiles).toContainEqual(expect.stringMatching(/cbor\/reader\.js$/));
});

describe("where there is nothing but what browsers have", () => {
  test("a client connects, and starts no worker for its timers", async () => {
    const page = await openBarePage();
    expect((await page.connectClient()).workers).toBe(0);
  });

  test("a client that meets a full socket looks again soon", async () => {
    const page = await openBarePage();
    const { pauseAtFullSocketMs } = await page.connectClient();
    expect(pauseAtFullSocketMs).toBeGreaterThan(0);
    expect(pauseAtFullSocketMs).toBeLessThanOrEqual(50);
  });

  test("MQTT.js by itself would start a worker, and look again after a second", async () => {
    const page = await openBarePage();
    expect(await page.connectBare()).toMatchObject({ workers: 1, pauseAtFullSocketMs: 1_000 });
  });

  test("a broker's configuration is read without an environment", async () => {
    const page = await openBarePage();
    expect(page.readConfig()).toMatchObject({ port: 8083, timeoutMs: 5_000 });
  });
});
