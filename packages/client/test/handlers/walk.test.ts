import { describe, expect, test } from "vitest";
import type { Walk } from "../../src/handlers/chain.ts";
import { runAsync, runSync } from "../../src/handlers/chain.ts";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";

const BROKEN = new Error("broken handler");
const PAYLOAD = { body: 1, timestamp: 0 };

describe("runAsync", () => {
  test("gives each step what the one before came to", async () => {
    const seen: unknown[] = [];
    function* steps(): Walk<string> {
      seen.push(yield PAYLOAD);
      seen.push(yield Promise.resolve(PAYLOAD));
      seen.push(yield undefined);
      seen.push(yield null);
      return "the end";
    }
    expect(await runAsync(steps())).toBe("the end");
    expect(seen).toEqual([PAYLOAD, PAYLOAD, undefined, null]);
  });

  test("takes steps that wait for nothing before it returns", () => {
    const seen: string[] = [];
    function* steps(): Walk<void> {
      seen.push("first");
      yield undefined;
      seen.push("second");
    }
    void runAsync(steps());
    expect(seen).toEqual(["first", "second"]);
  });

  test("waits for a promise before it goes on", async () => {
    const seen: string[] = [];
    const slow: { finish?: () => void } = {};
    function* steps(): Walk<void> {
      yield new Promise<void>((resolve) => {
        slow.finish = resolve;
      });
      seen.push("after");
    }
    const driven = runAsync(steps());
    await promisesSettled();
    expect(seen).toEqual([]);
    slow.finish?.();
    await driven;
    expect(seen).toEqual(["after"]);
  });

  test("throws into the steps what a promise rejects with, and goes on if they catch it", async () => {
    function* steps(): Walk<unknown> {
      try {
        yield Promise.reject(BROKEN);
      } catch (error) {
        yield undefined;
        return error;
      }
      return "not caught";
    }
    expect(await runAsync(steps())).toBe(BROKEN);
  });

  test.each<readonly [string, () => Walk<void>]>([
    [
      "before the first",
      // oxlint-disable-next-line require-yield -- it does not get that far
      function* () {
        throw BROKEN;
      },
    ],
    [
      "after one that waited for nothing",
      function* () {
        yield undefined;
        throw BROKEN;
      },
    ],
    [
      "after one that waited",
      function* () {
        yield Promise.resolve(undefined);
        throw BROKEN;
      },
    ],
    [
      "for a promise that rejected",
      function* () {
        yield Promise.reject(BROKEN);
      },
    ],
  ])("rejects with what a step throws: %s", async (_when, steps) => {
    await expect(runAsync(steps())).rejects.toBe(BROKEN);
  });
});

describe("runSync", () => {
  test("gives each step what the one before came to, and the end", () => {
    const seen: unknown[] = [];
    function* steps(): Walk<string> {
      seen.push(yield PAYLOAD);
      seen.push(yield undefined);
      seen.push(yield null);
      return "the end";
    }
    expect(runSync(steps())).toBe("the end");
    expect(seen).toEqual([PAYLOAD, undefined, null]);
  });

  test("throws what a step throws", () => {
    function* steps(): Walk<void> {
      yield undefined;
      throw BROKEN;
    }
    expect(() => runSync(steps())).toThrow(BROKEN);
  });

  test.each<readonly [string, PromiseLike<undefined>]>([
    ["a promise", Promise.resolve(undefined)],
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    ["anything with a method then", { then: () => new Promise(() => undefined) }],
  ])("throws an error at the step that gave %s, and goes on if it is caught", (_what, promise) => {
    function* steps(): Walk<unknown> {
      try {
        yield promise;
      } catch (error) {
        yield PAYLOAD;
        return error;
      }
      return "not caught";
    }
    const error = runSync(steps());
    expect(error).toBeInstanceOf(PayloadValidationError);
    expect(error).toMatchObject({
      subject: "handler result",
      issues: [{ path: "", message: expect.stringContaining("got a promise") }],
    });
  });

  test("throws that error where nobody catches it", () => {
    function* steps(): Walk<void> {
      yield Promise.resolve(undefined);
    }
    expect(() => runSync(steps())).toThrow(PayloadValidationError);
  });

  test("takes a payload with a field named then for what it is", () => {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    const payload = { ...PAYLOAD, then: "soon" };
    function* steps(): Walk<unknown> {
      return yield payload;
    }
    expect(runSync(steps())).toBe(payload);
  });

  test("leaves no rejection that nobody handles", async () => {
    function* steps(): Walk<void> {
      yield Promise.reject(BROKEN);
    }
    const unhandled = await unhandledDuring(async () => {
      expect(() => runSync(steps())).toThrow(PayloadValidationError);
    });
    expect(unhandled).toEqual([]);
  });
});
