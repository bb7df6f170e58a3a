import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SubscriptionTable } from "../../src/connection/subscription-table.ts";
import { granted } from "./scripted-transport.ts";

const settled = Promise.resolve(granted({ filter: "a", qos: 0 }));

describe("SubscriptionTable", () => {
  test("holds a filter once for all of its users", () => {
    const table = new SubscriptionTable();
    const first = table.hold({ filter: "a", qos: 1 });
    expect(table.hold({ filter: "a", qos: 1 })).toBe(first);
    expect(first.users).toBe(2);
    expect(table.size).toBe(1);
  });

  test("lets a filter go with its last user", () => {
    const table = new SubscriptionTable();
    table.hold({ filter: "a", qos: 0 });
    table.hold({ filter: "a", qos: 0 });
    expect(table.letGo("a")).toBe(false);
    expect(table.letGo("a")).toBe(true);
    expect(table.letGo("a")).toBe(false);
    expect(table.get("a")).toBeUndefined();
  });

  test("lets go of what nobody holds without harm", () => {
    expect(new SubscriptionTable().letGo("a")).toBe(false);
  });

  test("a higher QoS asks for a new verdict", () => {
    const table = new SubscriptionTable();
    table.hold({ filter: "a", qos: 0 }).verdict = settled;
    const held = table.hold({ filter: "a", qos: 2 });
    expect(held.qos).toBe(2);
    expect(held.verdict).toBeUndefined();
  });

  test.each([0, 1] as const)("QoS %i beside QoS 1 keeps the verdict and the QoS", (qos) => {
    const table = new SubscriptionTable();
    table.hold({ filter: "a", qos: 1 }).verdict = settled;
    const held = table.hold({ filter: "a", qos });
    expect(held.qos).toBe(1);
    expect(held.verdict).toBe(settled);
  });

  test("a filter held anew after it was let go starts from nothing", () => {
    const table = new SubscriptionTable();
    table.hold({ filter: "a", qos: 2 }).verdict = settled;
    table.letGo("a");
    const held = table.hold({ filter: "a", qos: 0 });
    expect(held).toMatchObject({ filter: "a", qos: 0, users: 1, verdict: undefined });
  });

  test("lists the filters in the order of their arrival", () => {
    const table = new SubscriptionTable();
    for (const filter of ["b", "10", "a", "2"]) table.hold({ filter, qos: 0 });
    table.hold({ filter: "b", qos: 0 });
    table.letGo("10");
    expect(table.all().map(({ filter }) => filter)).toEqual(["b", "a", "2"]);
  });

  test("counts right, whatever the order of holding and letting go", () => {
    const anyStep = fc.record({
      filter: fc.constantFrom("a", "b", "c"),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      isHeld: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyStep), (steps) => {
        const table = new SubscriptionTable();
        const users = new Map<string, number>();
        for (const { filter, qos, isHeld } of steps) {
          const before = users.get(filter) ?? 0;
          if (isHeld) table.hold({ filter, qos });
          else expect(table.letGo(filter)).toBe(before === 1);
          users.set(filter, isHeld ? before + 1 : Math.max(0, before - 1));
        }
        for (const [filter, count] of users) expect(table.get(filter)?.users ?? 0).toBe(count);
        expect(table.size).toBe([...users.values()].filter((count) => count > 0).length);
      }),
    );
  });
});
