import { describe, expect, test } from "vitest";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import { assertJson, encodeJson } from "../../src/json/encode.ts";

const encode = (value: unknown): string => encodeJson(value, "body");

const failure = (value: unknown): PayloadValidationError => {
  try {
    encode(value);
  } catch (error) {
    if (error instanceof PayloadValidationError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

const issuesOf = (value: unknown): readonly string[] =>
  failure(value).issues.map(({ path, message }) => `${path}: ${message}`);

const nested = (levels: number): unknown => {
  let value: unknown = 0;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

class Reading {
  readonly volts = 5;
  readonly unit = undefined;
  readonly #secret = 1;
  get doubled(): number {
    return this.volts * 2 + this.#secret;
  }
}

describe("encodeJson writes", () => {
  test.each([
    [null, "null"],
    [true, "true"],
    [0, "0"],
    [-0, "0"],
    [1e21, "1e+21"],
    ['\u2028\u0000"\\ud800', '"\u2028\\u0000\\"\\\\ud800"'],
    ["\u{1d11e}", '"\u{1d11e}"'],
    [[], "[]"],
    [[1, [2]], "[1,[2]]"],
    [{ b: 1, a: undefined, 2: null }, '{"2":null,"b":1}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [
      JSON.parse('{"__proto__":{"a":1},"x":[{"__proto__":2}]}'),
      '{"__proto__":{"a":1},"x":[{"__proto__":2}]}',
    ],
    [new Reading(), '{"volts":5}'],
    [[new Reading()], '[{"volts":5}]'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [{ at: [new Date(0)] }, '{"at":["1970-01-01T00:00:00.000Z"]}'],
    [new URL("mqtt://a.example/"), '"mqtt://a.example/"'],
    [9_007_199_254_740_991n, "9007199254740991"],
    [{ a: [-1n], b: "x" }, '{"a":[-1],"b":"x"}'],
    [Object.freeze([Object.freeze({ a: 1 })]), '[{"a":1}]'],
  ])("%o as %s", (value, text) => {
    expect(encode(value)).toBe(text);
    expect(() => assertJson(value, "body")).not.toThrow();
  });

  test("a __proto__ key beside what needs a copy", () => {
    const value: object = JSON.parse('{"__proto__":{"a":1}}');
    expect(encode({ big: 1n, value })).toBe('{"big":1,"value":{"__proto__":{"a":1}}}');
  });

  test("what toJSON gives, called once with the key, as JSON does", () => {
    const calls: unknown[] = [];
    const value = {
      toJSON: (key: unknown) => {
        calls.push(key);
        return { calls: calls.length };
      },
    };
    expect(encode({ a: value, b: [0, value] })).toBe('{"a":{"calls":1},"b":[0,{"calls":2}]}');
    expect(encode(value)).toBe('{"calls":3}');
    expect(calls).toEqual(["a", "1", ""]);
  });

  test("nothing for a field whose toJSON gives undefined", () => {
    expect(encode({ a: { toJSON: () => undefined }, b: 1 })).toBe('{"b":1}');
  });

  test("toJSON fields that are no functions as data", () => {
    expect(encode({ toJSON: 5 })).toBe('{"toJSON":5}');
  });

  test("the same object twice, as long as it does not contain itself", () => {
    const shared = { a: 1 };
    expect(encode([shared, { shared }, shared])).toBe('[{"a":1},{"shared":{"a":1}},{"a":1}]');
  });

  test("250 levels, in both of its ways", () => {
    expect(JSON.parse(encode(nested(250)))).toEqual(nested(250));
    expect(JSON.parse(encode([1n, nested(249)]))).toEqual([1, nested(249)]);
  });
});

describe("encodeJson names the place of", () => {
  test.each([
    [Number.NaN, ": JSON has no NaN"],
    [{ a: Infinity }, "a: JSON has no Infinity"],
    [[0, -Infinity], "[1]: JSON has no -Infinity"],
    [undefined, ": JSON cannot carry undefined"],
    [() => 1, ": JSON cannot carry a function"],
    [Symbol("s"), ": JSON cannot carry a symbol"],
    [[1, undefined], "[1]: JSON cannot carry undefined"],
    [Array(1), "[0]: JSON cannot carry a hole; send null"],
    [{ body: [{ "odd key": () => 1 }] }, 'body[0]["odd key"]: JSON cannot carry a function'],
    [{ a: Symbol("s") }, "a: JSON cannot carry a symbol"],
    [2n ** 53n, ": 9007199254740992n is beyond what a number holds exactly; send a string"],
    [{ a: new Map([[1, 2]]) }, "a: JSON cannot carry a Map; send Object.fromEntries(map)"],
    [new Set([1]), ": JSON cannot carry a Set; send Array.from(set)"],
    [new WeakMap(), ": JSON cannot carry a WeakMap; send the data itself"],
    [[/x/], "[0]: JSON cannot carry a RegExp; send its source"],
    [new TypeError("x"), ": JSON cannot carry an Error; send its message"],
    [Promise.resolve(1), ": JSON cannot carry a Promise; await it first"],
    [new Uint8Array(2), ": JSON cannot carry a Uint8Array; send Array.from(it)"],
    [new Float64Array(2), ": JSON cannot carry a Float64Array; send Array.from(it)"],
    [Buffer.from("x"), ": JSON cannot carry a Uint8Array; send Array.from(it)"],
    [new ArrayBuffer(1), ": JSON cannot carry an ArrayBuffer; send Array.from(new Uint8Array(it))"],
    [Object(1), ": JSON cannot carry a Number; send its valueOf()"],
    [Object("x"), ": JSON cannot carry a String; send its valueOf()"],
    [Object(false), ": JSON cannot carry a Boolean; send its valueOf()"],
    [Object(1n), ": JSON cannot carry a BigInt; send its valueOf()"],
    [Object(Symbol("x")), ": JSON cannot carry a Symbol; send its description"],
    [new URLSearchParams("a=1"), ": JSON cannot carry a URLSearchParams; send plain data"],
    [[].values(), ": JSON cannot carry an Array Iterator; send plain data"],
    [{ at: new Date(Number.NaN) }, "at: JSON has no invalid Date"],
    [{ at: { toJSON: () => new Date(0) } }, "at: JSON cannot carry a Date; send its toISOString()"],
    [[{ toJSON: () => undefined }], "[0]: JSON cannot carry undefined"],
    [{ a: { toJSON: () => [Number.NaN] } }, "a[0]: JSON has no NaN"],
    [["\ud800"], "[0]: holds half a surrogate pair"],
    [{ a: { "\udc00": 1 } }, String.raw`a["\udc00"]: its name holds half a surrogate pair`],
  ])("%o", (value, issue) => {
    expect(issuesOf(value)).toEqual([expect.stringContaining(issue)]);
    expect(() => assertJson(value, "body")).toThrow(PayloadValidationError);
  });

  test("every fault, not only the first", () => {
    const value = { a: Number.NaN, b: [1, undefined, { c: new Set() }], d: "fine" };
    expect(failure(value).issues.map(({ path }) => path)).toEqual(["a", "b[1]", "b[2].c"]);
    expect(failure(value).message).toBe(
      "invalid body: a: JSON has no NaN; b[1]: JSON cannot carry undefined; " +
        "b[2].c: JSON cannot carry a Set; send Array.from(set)",
    );
  });

  test("at most a hundred faults", () => {
    expect(failure(Array(4_000_000_000)).issues).toHaveLength(100);
  });

  test("a cycle, and where it leads back to", () => {
    const value: Record<string, unknown> = { list: [] };
    value["list"] = [1, { up: value }];
    expect(issuesOf(value)).toEqual(["list[1].up: a cycle: it is the object at the top"]);
    expect(issuesOf({ value })).toEqual(["value.list[1].up: a cycle: it is the object at value"]);
  });

  test("cycles everywhere, without walking for ever", () => {
    const nodes = Array.from({ length: 40 }, () => ({ links: [] as unknown[] }));
    for (const node of nodes) node.links.push(...nodes);
    expect(issuesOf(nodes)).toHaveLength(100);
  });

  test("an object whose toJSON gives another one for ever", () => {
    const endless = (): unknown => ({ toJSON: () => ({ next: endless() }) });
    expect(issuesOf(endless())).toEqual([
      expect.stringMatching(/: nested more than 250 levels deep$/),
    ]);
  });

  test("nesting beyond 250 levels, however deep", () => {
    for (const levels of [251, 100_000]) {
      expect(issuesOf(nested(levels))).toEqual([
        expect.stringMatching(/^.{250,}: nested more than 250 levels deep$/),
      ]);
    }
  });
});

describe("encodeJson reads once", () => {
  /** A field that gives one value after the other. */
  const changing = (...values: readonly unknown[]): object => {
    let reads = 0;
    return {
      get volts(): unknown {
        reads += 1;
        return values[Math.min(reads, values.length) - 1];
      },
    };
  };

  test.each([
    ["at the top", (value: object) => value, '{"volts":5}'],
    ["in an object", (value: object) => ({ a: { b: value } }), '{"a":{"b":{"volts":5}}}'],
    ["in an array", (value: object) => [1, [value]], '[1,[{"volts":5}]]'],
  ])("a getter %s: what was checked is what is sent", (_where, within, text) => {
    for (const later of [Number.NaN, undefined, new Map(), "\ud800"]) {
      expect(encode(within(changing(5, later)))).toBe(text);
    }
  });

  test("a getter that gives a field from the second reading on", () => {
    expect(encode({ a: changing(undefined, Number.NaN) })).toBe('{"a":{}}');
  });

  test("a proxy that shows another value than it holds", () => {
    const proxy = new Proxy(
      { volts: 5 },
      { get: (_, key) => (key === "volts" ? Number.NaN : undefined) },
    );
    expect(issuesOf({ a: proxy })).toEqual(["a.volts: JSON has no NaN"]);
    const held = new Proxy(
      { volts: Number.NaN },
      { get: (_, key) => (key === "volts" ? 5 : undefined) },
    );
    expect(encode({ a: held })).toBe('{"a":{"volts":5}}');
  });
});

describe("encodeJson keeps the cause when", () => {
  const cause = new Error("sensor\nis gone");

  test("a getter throws", () => {
    const value = {
      get volts(): number {
        throw cause;
      },
    };
    expect(failure([value])).toMatchObject({
      cause,
      issues: [{ path: "[0].volts", message: "cannot be read: sensor is gone" }],
    });
  });

  test("a toJSON throws", () => {
    const toJSON = (): never => {
      throw cause;
    };
    expect(failure({ a: { toJSON } })).toMatchObject({ cause, issues: [{ path: "a" }] });
    expect(failure({ toJSON })).toMatchObject({ cause, issues: [{ path: "" }] });
  });

  test("a proxy throws", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(failure({ a: [proxy] })).toMatchObject({
      cause: expect.any(TypeError),
      issues: [{ path: "a[0]" }],
    });
    expect(failure(proxy).issues).toHaveLength(1);
  });

  test("other members after it are still looked at", () => {
    const value = {
      deep: {
        get a(): number {
          throw cause;
        },
      },
      b: [Number.NaN],
    };
    expect(failure(value).issues.map(({ path }) => path)).toEqual(["deep.a", "b[0]"]);
  });
});
