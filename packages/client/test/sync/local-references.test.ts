import { describe, expect, test } from "vitest";
import { LocalReferences } from "../../src/sync/local-references.ts";

/** So many are kept. */
const MOST = 256;

const thrownIn = (kept: LocalReferences, error: unknown) => {
  const answer = kept.threw(error);
  if (answer.kind !== "threw") throw new Error(`expected what was thrown, got ${answer.kind}`);
  return answer.thrown;
};

describe("what is kept", () => {
  test.each([{ a: 1 }, undefined, null, "text"])("is found under its number: %o", (value) => {
    const kept = new LocalReferences();
    const id = kept.keep(value);
    expect(kept.find(id)).toBe(value);
    expect(kept.find(id)).toBe(value);
  });

  test("has a number of its own", () => {
    const kept = new LocalReferences();
    const ids = [kept.keep("a"), kept.keep("a"), thrownIn(kept, "b").id];
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
    const { id, name, message } = thrownIn(kept, error);
    expect({ name, message }).toEqual({ name: "RangeError", message: "too far" });
    expect(kept.find(id)).toBe(error);
  });

  test.each([
    ["text", '"text"'],
    [undefined, "undefined"],
    [{ a: 1 }, '{"a":1}'],
  ])("and is no error is told of by its text: %o", (thrown, message) => {
    expect(thrownIn(new LocalReferences(), thrown)).toMatchObject({ name: "Error", message });
  });

  test("is known again, that very object only", () => {
    const kept = new LocalReferences();
    const error = new Error("a");
    thrownIn(kept, error);
    expect(kept.hasThrown(error)).toBe(true);
    expect(kept.hasThrown(new Error("a"))).toBe(false);
    thrownIn(kept, "text");
    expect(kept.hasThrown("text")).toBe(false);
  });
});

describe("an error that cannot cross", () => {
  const broken = new Error("broken");
  test.each<readonly [string, Error]>([
    ["its name is a symbol", Object.assign(new Error("a"), { name: Symbol("odd") })],
    ["its name is a function", Object.assign(new Error("a"), { name: () => undefined })],
    [
      "its message throws",
      Object.defineProperty(new Error("a"), "message", {
        get: () => {
          throw broken;
        },
      }),
    ],
    [
      "it is a proxy that throws on everything",
      new Proxy(new Error("a"), {
        get: () => {
          throw broken;
        },
        getPrototypeOf: () => {
          throw broken;
        },
      }),
    ],
  ])("is told of by what can: %s", (_why, error) => {
    const kept = new LocalReferences();
    const thrown = thrownIn(kept, error);
    expect(structuredClone(thrown)).toEqual(thrown);
    expect(kept.find(thrown.id)).toBe(error);
    expect(kept.hasThrown(error)).toBe(true);
  });
});
