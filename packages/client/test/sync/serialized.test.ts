import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";
import { ReferencedError, pack, unpack } from "../../src/sync/serialized.ts";
import { errorOf } from "./thrown-by.ts";

const findNothing = (): undefined => undefined;

/** What of a value is there on the other side. */
const crossed = (value: unknown): unknown => unpack(structuredClone(pack(value)), findNothing);

const crossedError = (value: Error): Error => {
  const error = crossed(value);
  if (error instanceof Error) return error;
  throw new Error("what came out is no error", { cause: error });
};

const BROKER = "mqtt://broker.example.com:1883";
const CAUSE = new TypeError("below");
const FIELDS = { path: "gains", source: "a", target: "b", requestId: "1", method: "GET" } as const;

/** One of each class. */
const ERRORS: readonly Error[] = [
  new library.NotConnectedError("publish", BROKER),
  new library.ClientClosedError("publish", BROKER, { cause: CAUSE, wasPending: true }),
  new library.WorkerLostError("publish", BROKER, { why: "it ended", cause: CAUSE }),
  new library.LinkLostError(BROKER, { cause: CAUSE }),
  new library.PayloadValidationError("body", [{ path: "a[3]", message: "JSON has no NaN" }]),
  new library.TopicError("subsystem", "a/b", "must not contain /"),
  new library.OptionError("timeoutMs", -5, "a whole number of ms from 1 to 2147483647"),
  new library.UnknownOptionError("timeout", "timeoutMs"),
  new library.SubscriptionRefusedError("a/#", { broker: BROKER, reasonCode: 135 }),
  new library.PublishRefusedError("a/b", { broker: BROKER, reasonCode: 128 }),
  new library.NestedCallError("request", 32),
  new library.RuntimeNotSupportedError("SyncMQTTClient", "a page must not block"),
  new library.ConnectionFailedError(BROKER, { cause: CAUSE, source: "a" }),
  new library.ResponseException({ why: [1, null] }, { ...FIELDS, responseCode: 499 }),
  ...[
    library.BadRequestResponse,
    library.UnauthorizedResponse,
    library.BadOptionResponse,
    library.ForbiddenResponse,
    library.NotFoundResponse,
    library.MethodNotAllowedResponse,
    library.NotAcceptableResponse,
    library.PreconditionFailedResponse,
    library.RequestEntityTooLargeResponse,
    library.UnsupportedContentFormatResponse,
    library.InternalServerErrorResponse,
    library.NotImplementedResponse,
    library.BadGatewayResponse,
    library.ServiceUnavailableResponse,
    library.GatewayTimeoutResponse,
    library.ProxyingNotSupportedResponse,
  ].map((errorClass) => new errorClass("why", FIELDS)),
];

const isErrorClass = (value: unknown): boolean =>
  typeof value === "function" && value.prototype instanceof Error;

describe("an error of the library's own:", () => {
  test("every class that is exported has a case here, but for the base of all", () => {
    const exported = Object.entries(library).filter(([, value]) => isErrorClass(value));
    const covered = new Set(ERRORS.map(({ constructor }) => constructor.name));
    const missing = exported.map(([name]) => name).filter((name) => !covered.has(name));
    expect(missing).toEqual(["GfMqttError"]);
  });

  test.each(ERRORS.map((error) => [error.name, error] as const))(
    "%s keeps its class, name, message, fields, cause and stack",
    (name, error) => {
      const copy = crossedError(error);
      expect(copy).not.toBe(error);
      expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(error));
      expect(copy).toStrictEqual(error);
      expect(Object.entries(copy)).toEqual(Object.entries(error));
      expect(Object.hasOwn(copy, "name")).toBe(false);
      expect(copy).toMatchObject({ name, stack: error.stack });
    },
  );
});

describe("another error", () => {
  test.each([EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error])(
    "of the language keeps its class: %o",
    (errorClass) => {
      const error = new errorClass("why", { cause: CAUSE });
      expect(Object.getPrototypeOf(crossedError(error))).toBe(errorClass.prototype);
      expect(crossedError(error)).toStrictEqual(error);
    },
  );

  test("of a class that the other thread does not know is one of the class above, under its name", () => {
    class Overheated extends RangeError {
      override readonly name = "Overheated";
      readonly celsius = 90;
    }
    const copy = crossedError(new Overheated("too hot"));
    expect(Object.getPrototypeOf(copy)).toBe(RangeError.prototype);
    expect(copy).toMatchObject({ name: "Overheated", message: "too hot", celsius: 90 });
  });

  test("of the system keeps its fields", () => {
    const error = errorOf(() => readFileSync("/nowhere/at all"));
    const copy = crossedError(error);
    expect(copy.message).toBe(error.message);
    expect(Object.entries(copy)).toEqual(Object.entries(error));
    expect(copy).toMatchObject({ code: "ENOENT", syscall: "open", path: "/nowhere/at all" });
  });

  test("that stands for several keeps them", () => {
    const error = new AggregateError([CAUSE, "text", new RangeError("far")], "all failed");
    const copy = crossedError(error);
    expect(copy).toBeInstanceOf(AggregateError);
    expect(copy).toMatchObject({ message: "all failed", errors: error.errors });
    expect(Object.keys(copy)).toEqual([]);
  });

  test("of a signal keeps its name and message", () => {
    const { name, message }: DOMException = AbortSignal.abort().reason;
    expect(crossed(AbortSignal.abort().reason)).toMatchObject({ name, message });
  });

  test("keeps causes of causes", () => {
    const error = new Error("a", { cause: new Error("b", { cause: new Error("c") }) });
    expect(crossed(error)).toMatchObject({ cause: { message: "b", cause: { message: "c" } } });
  });

  test("without a cause has none afterwards", () => {
    expect(Object.hasOwn(crossedError(new Error("a")), "cause")).toBe(false);
  });

  test("that is its own cause says so", () => {
    const error = new Error("a");
    error.cause = error;
    expect(crossed(error)).toMatchObject({ message: "a", cause: "(a cycle)" });
  });

  test("with a field named __proto__ has it as a field", () => {
    const field = { value: { polluted: true }, enumerable: true };
    const copy = crossedError(Object.defineProperty(new Error("a"), "__proto__", field));
    expect(Object.getPrototypeOf(copy)).toBe(Error.prototype);
    expect(Object.entries(copy)).toEqual([["__proto__", { polluted: true }]]);
  });

  test("that is kept on this thread is found under its number", () => {
    const kept = new Error("kept");
    const packed = structuredClone(
      pack({ error: new ReferencedError({ id: 7, name: "", message: "" }) }),
    );
    const found = unpack(packed, (id) => (id === 7 ? kept : undefined));
    expect(found).toEqual({ error: kept });
    expect(Reflect.get(Object(found), "error")).toBe(kept);
  });
});

describe("a value that crosses", () => {
  test("as JSON knows it is the same afterwards", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (value) => {
        expect(crossed(value)).toStrictEqual(value);
      }),
    );
  });

  test("as any object that threads can exchange is the same afterwards", () => {
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withBigInt: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(crossed(value)).toEqual(value);
      }),
    );
  });

  test.each([undefined, null, NaN, Infinity, 10n, "text", true])("%s is the same", (value) => {
    expect(crossed(value)).toBe(value);
  });

  test.each([
    ["a date", new Date(0)],
    ["a map", new Map([["a", { b: 1 }]])],
    ["a set", new Set([1, "a"])],
    ["bytes", new Uint8Array([1, 2, 3])],
    ["numbers", new Float64Array([1.5, -0])],
    ["an expression", /a+/giu],
  ])("%s is of its class", (_what, value) => {
    expect(crossed({ value })).toStrictEqual({ value });
  });

  test("a function is a function", () => {
    expect(crossed(() => 1)).toBeTypeOf("function");
    expect(crossed({ a: [Math.max] })).toEqual({ a: [expect.any(Function)] });
  });

  test("a symbol is another one of the same description", () => {
    expect(String(crossed(Symbol("why")))).toBe("Symbol(why)");
    expect(String(crossed(Symbol()))).toBe("Symbol()");
  });

  test("an object of a class is one of its fields", () => {
    class Point {
      readonly x = 1;
      readonly #y = 2;
      get sum(): number {
        return this.x + this.#y;
      }
    }
    expect(crossed(new Point())).toStrictEqual({ x: 1 });
  });

  test("an object of a class with an error or a function in it keeps both", () => {
    class Holder {
      readonly error = new library.TopicError("topic", 5, "must be a string");
    }
    class Caller extends Holder {
      readonly call = (): void => undefined;
    }
    for (const value of [new Holder(), new Caller()]) {
      expect(crossed(value)).toMatchObject({ error: expect.any(library.TopicError) });
    }
    expect(crossed(new Caller())).toMatchObject({ call: expect.any(Function) });
  });

  test("an object with a function in it keeps the rest", () => {
    const value = { ca: new Uint8Array([1]), onError: () => undefined };
    expect(crossed(value)).toEqual({ ca: value.ca, onError: expect.any(Function) });
  });

  test("a key named __proto__ is a key like any other", () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    expect(JSON.stringify(crossed(value))).toBe('{"__proto__":{"polluted":true}}');
    expect(crossed(value)).not.toHaveProperty("polluted");
  });

  test("a cycle is named", () => {
    const cycle: { self?: unknown; list?: unknown } = {};
    cycle.self = cycle;
    cycle.list = [cycle];
    expect(crossed(cycle)).toEqual({ self: "(a cycle)", list: ["(a cycle)"] });
  });

  test("the same object twice is no cycle", () => {
    const part = { a: 1 };
    expect(crossed([part, part])).toEqual([part, part]);
  });

  test("something nested without end has an end", () => {
    let deep: unknown = "the ground";
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(JSON.stringify(crossed(deep))).toContain("(nested too deep)");
  });

  test.each<readonly [string, object]>([
    [
      "a getter that throws",
      {
        get a(): never {
          throw new Error("no");
        },
      },
    ],
    ["a proxy that was revoked", revoked()],
    [
      "an error whose message cannot be read",
      Object.defineProperty(new Error("a"), "message", {
        get: () => {
          throw new Error("no");
        },
      }),
    ],
  ])("%s is named unreadable", (_what, value) => {
    expect(crossed(value)).toBe("(unreadable)");
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
