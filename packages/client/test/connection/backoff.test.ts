import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BackoffBounds } from "../../src/connection/backoff.ts";
import { backoffDelayMs } from "../../src/connection/backoff.ts";

const BOUNDS: BackoffBounds = { minDelayMs: 250, maxDelayMs: 30_000 };
const LONGEST_TIMER_MS = 2_147_483_647;
const ALMOST_ONE = 1 - Number.EPSILON / 2;

const ceilings = (bounds: BackoffBounds, attempts: readonly number[]): readonly number[] =>
  attempts.map((attempt) => Math.round(backoffDelayMs(attempt, bounds, ALMOST_ONE)));

const anyBounds = fc
  .tuple(
    fc.integer({ min: 0, max: LONGEST_TIMER_MS }),
    fc.integer({ min: 0, max: LONGEST_TIMER_MS }),
  )
  .map(([one, other]) => ({
    minDelayMs: Math.min(one, other),
    maxDelayMs: Math.max(one, other),
  }));
const anyAttempt = fc.oneof(
  fc.integer({ min: 1, max: 50 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("backoffDelayMs", () => {
  test("has a ceiling that starts at the least delay and doubles up to the greatest", () => {
    expect(ceilings(BOUNDS, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000])).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  test("spreads evenly between 0 and the ceiling", () => {
    const delays = [0, 0.25, 0.5, 0.75].map((random) => backoffDelayMs(3, BOUNDS, random));
    expect(delays).toEqual([0, 250, 500, 750]);
  });

  test("reaches the greatest delay from the least one in the end", () => {
    expect(ceilings({ minDelayMs: 1, maxDelayMs: LONGEST_TIMER_MS }, [32, 33])).toEqual([
      LONGEST_TIMER_MS,
      LONGEST_TIMER_MS,
    ]);
  });

  test("is 0 at every attempt when the least delay is 0", () => {
    expect(ceilings({ minDelayMs: 0, maxDelayMs: 30_000 }, [1, 2, 1_025, 1e9])).toEqual([
      0, 0, 0, 0,
    ]);
  });

  test("is a number within the bounds, whatever the attempt", () => {
    fc.assert(
      fc.property(anyBounds, anyAttempt, anyRandom, (bounds, attempt, random) => {
        const delayMs = backoffDelayMs(attempt, bounds, random);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(bounds.maxDelayMs);
      }),
    );
  });

  test("never shortens from one attempt to the next, for the same luck", () => {
    fc.assert(
      fc.property(anyBounds, anyAttempt, anyRandom, (bounds, attempt, random) => {
        expect(backoffDelayMs(attempt + 1, bounds, random)).toBeGreaterThanOrEqual(
          backoffDelayMs(attempt, bounds, random),
        );
      }),
    );
  });
});
