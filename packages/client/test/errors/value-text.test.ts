import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kindText, lineText, valueText } from "../../src/errors/value-text.ts";

const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const cycle = (): unknown => {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
};

class Gauge {
  get [Symbol.toStringTag](): string {
    return "Gauge";
  }
}

describe("valueText", () => {
  test.each([
    ["a text", '"a text"'],
    [-5, "-5"],
    [-0, "-0"],
    [Number.NaN, "NaN"],
    [12n, "12n"],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [() => 1, "a function"],
    [{ a: [1, "x"] }, '{"a":[1,"x"]}'],
    [{}, "{}"],
    [new Map([[1, 2]]), "a Map"],
    [new Gauge(), "a Gauge"],
    [new TypeError("no"), "TypeError: no"],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [{ toJSON: () => undefined }, "an object"],
    [{ big: 1n }, "an object"],
    [cycle(), "an object"],
  ])("shows %o as %s", (value, text) => {
    expect(valueText(value)).toBe(text);
  });

  test("shows what cannot even be looked at", () => {
    expect(valueText(revoked())).toBe("an object");
    expect(kindText(revoked())).toBe("an object");
  });

  test("cuts what is long", () => {
    expect(valueText("x".repeat(100))).toBe(`"${"x".repeat(78)}…`);
    expect(valueText("x".repeat(1_000_000), 10)).toBe('"xxxxxxxx…');
  });

  test("stays on one line", () => {
    expect(valueText("a\nb\u001b[31m\u2028c\u0085")).toBe('"a\\nb\\u001b[31m c "');
    expect(valueText(new Error("first\nsecond"))).toBe("Error: first second");
  });

  test("never throws and never exceeds its length", () => {
    fc.assert(
      fc.property(
        fc.anything({ withMap: true, withBigInt: true, withNullPrototype: true }),
        (value) => {
          expect(valueText(value, 40).length).toBeLessThanOrEqual(40);
        },
      ),
    );
  });
});

describe("lineText", () => {
  test("does not cut a character in two", () => {
    expect(lineText("ab\u{1d11e}cd", 4)).toBe("ab …");
  });

  test("gives well-formed text of at most its length", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.integer({ min: 1, max: 20 }),
        (text, maxLength) => {
          const line = lineText(text, maxLength);
          expect(line.length).toBeLessThanOrEqual(maxLength);
          expect(line).not.toMatch(/\p{Surrogate}|\p{Cc}/u);
        },
      ),
    );
  });
});

test.each([
  [null, "null"],
  [undefined, "undefined"],
  [[], "an array"],
  [{}, "an object"],
  [1, "a number"],
  ["", "a string"],
  [new Uint8Array(), "a Uint8Array"],
  [new ArrayBuffer(), "an ArrayBuffer"],
  [new Error("x"), "an Error"],
])("kindText of %o is %s", (value, text) => {
  expect(kindText(value)).toBe(text);
});
