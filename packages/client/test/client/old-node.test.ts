import { afterEach, describe, expect, test, vi } from "vitest";
import { MQTTClient, RuntimeNotSupportedError, SyncMQTTClient } from "../../src/index.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each([
  ["MQTTClient", () => new MQTTClient({ broker: "localhost" })],
  ["SyncMQTTClient", () => new SyncMQTTClient({ broker: "localhost" })],
])("%s on Node 18", (_name, make) => {
  test("says at once which version it needs", () => {
    vi.stubGlobal("process", { ...process, versions: { node: "18.20.8" } });
    expect(make).toThrow(RuntimeNotSupportedError);
    expect(make).toThrow("it needs Node 20.19 or newer; this is Node 18.20.8");
  });
});
