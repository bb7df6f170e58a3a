import { describe, expect, test } from "vitest";
import { LocalReferences } from "../../src/sync/local-references.ts";

/** So many are kept. */
const MOST = 256;

describe("what is kept", () => {
  test.each([{ a: 1 }, undefined, null, "text"])("is found under its number: %o", (value) => {
    const kept = new LocalReferences();
    const id = kept.keep(value);
    expect(kept.find(id)).toBe(value);
    expect(kept.find(id)).toBe(value);
  });

  test("has a number of its own", () => {
    const kept = new LocalReferences();
    const ids = [kept.keep("a"), kept.keep("a"), kept.keepThrown("b").id];
    expect(new Set(ids).size).toBe(3);
    expect(ids.map((id) => kept.find(id))).toEqual(["a", "a", "b"]);
  });

  test("is gone once it is taken", () => {
    const kept = new LocalReferences();
    const id = kept.keep("a");
    expect(kept.take(id)).toBe("a");
    expect(kept.take(id)).toBeUndefined();
    expect(kept.find(id)).toBeUndefined();
  });

  test("goes when it is the oldest of too many", () => {
    const kept = new LocalReferences();
    const ids = Array.from({ length: MOST + 1 }, (_, index) => kept.keep(index));
    expect(kept.find(ids[0] ?? NaN)).toBeUndefined();
    expect(ids.slice(1).map((id) => kept.find(id))).toEqual(ids.slice(1).map((_, at) => at + 1));
  });
});

describe("what was thrown", () => {
  test("is told of by name and message", () => {
    const kept = new LocalReferences();
    const error = new RangeError("too far");
    const { id, name, message } = kept.keepThrown(error);
    expect({ name, message }).toEqual({ name: "RangeError", message: "too far" });
    expect(kept.find(id)).toBe(error);
  });

  test.each([
    ["text", '"text"'],
    [undefined, "undefined"],
    [{ a: 1 }, '{"a":1}'],
  ])("and is no error is told of by its text: %o", (thrown, message) => {
    expect(new LocalReferences().keepThrown(thrown)).toMatchObject({ name: "Error", message });
  });

  test("is known again, that very object only", () => {
    const kept = new LocalReferences();
    const error = new Error("a");
    kept.keepThrown(error);
    expect(kept.hasThrown(error)).toBe(true);
    expect(kept.hasThrown(new Error("a"))).toBe(false);
    kept.keepThrown("text");
    expect(kept.hasThrown("text")).toBe(false);
  });
});
