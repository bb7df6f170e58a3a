import { beforeEach, describe, expect, test, vi } from "vitest";
import type * as compatibility from "../../src/runtime/compatibility.ts";
import { checkRuntimeCompatibility, runtimeFault } from "../../src/runtime/compatibility.ts";

const AVAILABLE = { isAvailable: true, reason: undefined };
const BUFFERS = { SharedArrayBuffer };

/** A global object as Node has it, and what presents itself as Node. */
const nodeLike = (versions: object, process: object = {}): object => ({
  ...BUFFERS,
  process: { versions, env: {}, getBuiltinModule: () => ({}), ...process },
});

const NODE = nodeLike({ node: "22.1.0" });
const OLD_NODE = nodeLike({ node: "18.20.0" });
const PAGE = { document: {}, WebSocket: Function };

describe("what no client works with", () => {
  test("is Node before 20, which is told the version that is needed", () => {
    const fault = "it needs Node 20.19 or newer; this is Node 18.20.0";
    expect(runtimeFault(OLD_NODE)).toBe(fault);
    expect(checkRuntimeCompatibility(OLD_NODE).features.sync).toEqual({
      isAvailable: false,
      reason: fault,
    });
  });

  test.each([NODE, PAGE, nodeLike({ node: "20.0.0" }), nodeLike({ node: "18.0.0", bun: "1.4.5" })])(
    "is none of the others",
    (surroundings) => {
      expect(runtimeFault(surroundings)).toBeUndefined();
    },
  );
});

describe("checkRuntimeCompatibility()", () => {
  test("finds this runtime able to do everything", () => {
    expect(checkRuntimeCompatibility()).toMatchObject({
      runtime: expect.stringMatching(/^(?:node|bun|deno)$/),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      isSupported: true,
      features: { tcp: AVAILABLE, webSocket: AVAILABLE, sync: AVAILABLE },
    });
  });

  test.each([
    ["node", "22.1.0", { node: "22.1.0" }],
    ["bun", "1.4.5", { node: "24.3.0", bun: "1.4.5" }],
    ["deno", "2.9.6", { node: "24.2.0", deno: "2.9.6", v8: "14" }],
  ])("tells %s by its version, %s", (runtime, version, versions) => {
    expect(checkRuntimeCompatibility(nodeLike(versions))).toEqual({
      runtime,
      version,
      isSupported: true,
      features: { tcp: AVAILABLE, webSocket: AVAILABLE, sync: AVAILABLE },
    });
  });

  test.each([
    ["a page", PAGE],
    ["a worker of a page", { WebSocket: Function, ...BUFFERS }],
    ["a page with a bundler's process", { ...PAGE, process: { env: {} } }],
    ["a page whose bundler knows versions", { ...PAGE, process: { versions: {} } }],
  ])("tells %s as a browser, which has WebSockets only", (_what, surroundings) => {
    expect(checkRuntimeCompatibility(surroundings)).toEqual({
      runtime: "browser",
      version: undefined,
      isSupported: true,
      features: {
        tcp: {
          isAvailable: false,
          reason: "scripts in a browser cannot open TCP connections; use ws:// or wss://",
        },
        webSocket: AVAILABLE,
        sync: {
          isAvailable: false,
          reason: "a page in a browser must not block; use MQTTClient there",
        },
      },
    });
  });

  test("finds nothing where there is nothing it knows", () => {
    expect(checkRuntimeCompatibility({})).toMatchObject({
      runtime: "unknown",
      version: undefined,
      isSupported: false,
      features: {
        tcp: { isAvailable: false },
        webSocket: { isAvailable: false, reason: "there is no WebSocket here" },
        sync: { isAvailable: false },
      },
    });
  });

  test.each([
    ["18.20.0", false],
    ["20.18.9", false],
    ["20.19.0", true],
    ["20.20.1", true],
    ["21.0.0", true],
    ["22.0.0-nightly2024", true],
    ["100.1.0", true],
    ["", false],
  ])("of Node %s it says that the library is made for it: %s", (node, isSupported) => {
    expect(checkRuntimeCompatibility(nodeLike({ node })).isSupported).toBe(isSupported);
  });

  test("without SharedArrayBuffer there is no blocking client, and it says why", () => {
    const { features } = checkRuntimeCompatibility({ ...NODE, SharedArrayBuffer: undefined });
    expect(features.sync).toEqual({
      isAvailable: false,
      reason: expect.stringMatching(/no SharedArrayBuffer.*use MQTTClient/),
    });
    expect(features.tcp).toEqual(AVAILABLE);
  });

  test.each([
    ["no way to get it", { getBuiltinModule: undefined }],
    ["none to get", { getBuiltinModule: () => undefined }],
  ])("without node:worker_threads there is no blocking client: %s", (_why, process) => {
    const around = nodeLike({ node: "20.10.0" }, process);
    expect(checkRuntimeCompatibility(around).features.sync).toEqual({
      isAvailable: false,
      reason: expect.stringMatching(/no node:worker_threads.*use MQTTClient/),
    });
  });
});

describe("ensureCompatibleRuntime()", () => {
  let ensureCompatibleRuntime: typeof compatibility.ensureCompatibleRuntime;

  beforeEach(async () => {
    // What was warned of is remembered with the module.
    vi.resetModules();
    ({ ensureCompatibleRuntime } = await import("../../src/runtime/compatibility.ts"));
  });

  const withWarnings = (versions: object, env: object = {}) => {
    const emitWarning = vi.fn<(warning: string, type: string) => void>();
    return { emitWarning, surroundings: nodeLike(versions, { env, emitWarning }) };
  };

  test("warns of a Node that is too old, with what it takes and how to silence it", () => {
    const { emitWarning, surroundings } = withWarnings({ node: "18.20.0" });
    expect(ensureCompatibleRuntime(surroundings)).toEqual(checkRuntimeCompatibility(OLD_NODE));
    expect(emitWarning).toHaveBeenCalledExactlyOnceWith(
      "gf-mqtt-client is made for Node 20.19 or newer, Bun, Deno and browsers; this is node 18.20.0. " +
        "Set SUPPRESS_RUNTIME_WARNINGS=true to silence this warning.",
      "RuntimeCompatibilityWarning",
    );
  });

  test("warns of a runtime that nobody has tried", () => {
    const { emitWarning, surroundings } = withWarnings({ somethingNew: "1.0.0" });
    ensureCompatibleRuntime(surroundings);
    expect(emitWarning.mock.calls[0]?.[0]).toContain("this is unknown of an unknown version");
  });

  test("warns once", () => {
    const { emitWarning, surroundings } = withWarnings({ node: "18.20.0" });
    ensureCompatibleRuntime(surroundings);
    ensureCompatibleRuntime(surroundings);
    expect(emitWarning).toHaveBeenCalledOnce();
  });

  test("does not warn of a runtime that the library is made for", () => {
    const { emitWarning, surroundings } = withWarnings({ node: "22.1.0" });
    ensureCompatibleRuntime(surroundings);
    expect(emitWarning).not.toHaveBeenCalled();
  });

  test.each(["true", "TRUE", "True"])(
    "does not warn with SUPPRESS_RUNTIME_WARNINGS=%s",
    (value) => {
      const env = { SUPPRESS_RUNTIME_WARNINGS: value };
      const { emitWarning, surroundings } = withWarnings({ node: "18.20.0" }, env);
      expect(ensureCompatibleRuntime(surroundings).isSupported).toBe(false);
      expect(emitWarning).not.toHaveBeenCalled();
    },
  );

  test.each(["", "false", "0"])("warns with SUPPRESS_RUNTIME_WARNINGS=%s", (value) => {
    const env = { SUPPRESS_RUNTIME_WARNINGS: value };
    const { emitWarning, surroundings } = withWarnings({ node: "18.20.0" }, env);
    ensureCompatibleRuntime(surroundings);
    expect(emitWarning).toHaveBeenCalledOnce();
  });

  test("still warns later when it was silenced before", () => {
    const silenced = withWarnings({ node: "18.20.0" }, { SUPPRESS_RUNTIME_WARNINGS: "true" });
    ensureCompatibleRuntime(silenced.surroundings);
    const { emitWarning, surroundings } = withWarnings({ node: "18.20.0" });
    ensureCompatibleRuntime(surroundings);
    expect(emitWarning).toHaveBeenCalledOnce();
  });

  test("gives a report where there is no process to warn through", () => {
    expect(ensureCompatibleRuntime({})).toEqual(checkRuntimeCompatibility({}));
    expect(ensureCompatibleRuntime(PAGE)).toEqual(checkRuntimeCompatibility(PAGE));
  });

  test("looks at this process by default", () => {
    expect(ensureCompatibleRuntime()).toEqual(checkRuntimeCompatibility());
  });
});
