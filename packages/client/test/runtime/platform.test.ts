import { describe, expect, test, vi } from "vitest";
import { hasTcp } from "../../src/runtime/platform.ts";

describe("hasTcp", () => {
  test("holds for Node, and for what presents itself as Node", () => {
    expect(hasTcp()).toBe(true);
    vi.stubGlobal("process", { versions: { node: "22.0.0", bun: "1.3.0" } });
    expect(hasTcp()).toBe(true);
  });

  test.each([
    ["nothing", undefined],
    ["an empty object", {}],
    ["versions without Node's", { versions: {} }],
    ["a version that is no text", { versions: { node: 22 } }],
  ])(
    "does not hold where the process is %s, as pages and their bundlers have it",
    (_what, given) => {
      vi.stubGlobal("process", given);
      expect(hasTcp()).toBe(false);
    },
  );
});
