import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { LruMap } from "../../src/runtime/lru-map.ts";

/** A map to which the numbers from 1 to `count` were added, one after another. */
const filled = (capacity: number, count: number): LruMap<number, string> => {
  const map = new LruMap<number, string>(capacity);
  for (let key = 1; key <= count; key += 1) map.set(key, `value ${key}`);
  return map;
};

const keysUpTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

/** The keys from 1 to `count` that the map still knows. */
const knownOf = (map: LruMap<number, unknown>, count: number): readonly number[] =>
  keysUpTo(count).filter((key) => map.get(key) !== undefined);

describe("a map of the most recent", () => {
  test("gives what was put in under a key", () => {
    const map = filled(8, 3);
    expect(keysUpTo(3).map((key) => map.get(key))).toEqual(["value 1", "value 2", "value 3"]);
  });

  test("gives undefined for a key that was never put in", () => {
    expect(filled(8, 3).get(4)).toBeUndefined();
  });

  test("gives the latest of several values of a key", () => {
    const map = filled(8, 3);
    map.set(2, "another");
    expect(map.get(2)).toBe("another");
  });

  test("gives the latest value of a key that was put in again after it had grown old", () => {
    const map = filled(4, 2);
    map.set(1, "another");
    expect(map.get(1)).toBe("another");
    map.set(3, "value 3");
    expect(map.get(1)).toBe("another");
  });

  test("keeps the object itself, so that changes to it last", () => {
    const map = new LruMap<string, { count: number }>(4);
    map.set("a", { count: 0 });
    for (let index = 0; index < 10; index += 1) {
      const entry = map.get("a");
      if (entry !== undefined) entry.count += 1;
      map.set(`other ${index}`, { count: 0 });
    }
    expect(map.get("a")).toEqual({ count: 10 });
  });

  test.each([1, 2, 3, 4, 5, 10, 100])(
    "with room for %i knows the latest half of it",
    (capacity) => {
      const half = Math.max(1, Math.floor(capacity / 2));
      const latest = keysUpTo(1_000).slice(-half);
      expect(knownOf(filled(capacity, 1_000), 1_000)).toEqual(expect.arrayContaining([...latest]));
    },
  );

  test.each([1, 2, 3, 4, 5, 10, 100])("with room for %i never knows more", (capacity) => {
    for (const count of [capacity, capacity + 1, 2 * capacity, 1_000]) {
      expect(knownOf(filled(capacity, count), count).length).toBeLessThanOrEqual(capacity);
    }
  });

  test("forgets what was not used for longest, and keeps what was", () => {
    const map = filled(4, 1);
    for (let key = 2; key <= 100; key += 1) {
      expect(map.get(1)).toBe("value 1");
      map.set(key, `value ${key}`);
    }
    expect(knownOf(map, 97)).toEqual([1]);
  });
});

describe("after any use, a map of the most recent", () => {
  const use = fc.record({
    kind: fc.constantFrom("get", "set"),
    key: fc.integer({ min: 1, max: 9 }),
  });
  const uses = fc.array(use, { maxLength: 60 });
  const capacity = fc.integer({ min: 1, max: 12 });

  /** Plays the uses and gives the map, with what a map without bounds would hold. */
  const played = (
    room: number,
    steps: readonly { readonly kind: string; readonly key: number }[],
  ) => {
    const map = new LruMap<number, number>(room);
    const all = new Map<number, number>();
    const recent: number[] = [];
    for (const [at, { kind, key }] of steps.entries()) {
      if (kind === "set") {
        map.set(key, at);
        all.set(key, at);
      } else if (map.get(key) === undefined) continue;
      recent.push(key);
    }
    return { map, all, latest: [...new Set(recent.toReversed())] };
  };

  property.prop([capacity, uses])("holds the right value or none", (room, steps) => {
    const { map, all } = played(room, steps);
    for (const [key, value] of all) expect([value, undefined]).toContain(map.get(key));
  });

  property.prop([capacity, uses])("holds at most as many as it has room for", (room, steps) => {
    const { map } = played(room, steps);
    expect(knownOf(map, 9).length).toBeLessThanOrEqual(room);
  });

  property.prop([capacity, uses])(
    "holds the keys used last, half as many as it has room for",
    (room, steps) => {
      const { map, latest } = played(room, steps);
      const certain = latest.slice(0, Math.max(1, Math.floor(room / 2)));
      for (const key of certain) expect(map.get(key)).toBeDefined();
    },
  );
});
