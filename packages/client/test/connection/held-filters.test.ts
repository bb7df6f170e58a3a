import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { promisesSettled } from "../runtime/manual-clock.ts";
import type { Scene } from "./connection-scene.ts";
import { connectionScene, onlineScene, within } from "./connection-scene.ts";

/** The SUBSCRIBEs and UNSUBSCRIBEs so far. */
const packetsOf = ({ transport }: Scene): readonly string[] =>
  transport.log.filter((event) => event.includes("subscribe"));

describe("a held filter", () => {
  test("is held once for all of its users, and goes with the last of them", () => {
    const { subscriptions } = connectionScene().connection;
    subscriptions.hold({ filter: "a", qos: 1 });
    subscriptions.hold({ filter: "a", qos: 1 });
    expect(subscriptions.size).toBe(1);
    subscriptions.release("a");
    expect(subscriptions.qosOf("a")).toBe(1);
    subscriptions.release("a");
    expect(subscriptions.qosOf("a")).toBeUndefined();
  });

  test("that nobody holds is let go without harm", () => {
    const { subscriptions } = connectionScene().connection;
    subscriptions.release("a");
    expect(subscriptions.size).toBe(0);
  });

  test("is asked for again with a higher QoS, and only then", async () => {
    const scene = await onlineScene();
    const { subscriptions } = scene.connection;
    for (const qos of [1, 0, 1, 2] as const) {
      await subscriptions.subscribe({ filter: "a", qos }, within(scene));
    }
    expect(packetsOf(scene)).toHaveLength(2);
    expect(subscriptions.qosOf("a")).toBe(2);
  });

  test("starts from nothing when it was let go in between", async () => {
    const scene = await onlineScene();
    const { subscriptions } = scene.connection;
    await subscriptions.subscribe({ filter: "a", qos: 2 }, within(scene));
    subscriptions.release("a");
    await promisesSettled();
    await subscriptions.subscribe({ filter: "a", qos: 0 }, within(scene));
    expect(subscriptions.qosOf("a")).toBe(0);
    expect(packetsOf(scene)).toHaveLength(3);
  });

  test("is subscribed with the link in the order of arrival", async () => {
    const scene = connectionScene();
    const { subscriptions } = scene.connection;
    for (const filter of ["b", "10", "a", "2"]) subscriptions.hold({ filter, qos: 0 });
    subscriptions.hold({ filter: "b", qos: 0 });
    subscriptions.release("10");
    await scene.connection.connect(within(scene));
    expect(packetsOf(scene)).toEqual([expect.stringMatching(/b.*a.*2/)]);
  });

  test("is counted right, whatever the order of holding and letting go", () => {
    const anyStep = fc.record({
      filter: fc.constantFrom("a", "b", "c"),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      isHeld: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyStep), (steps) => {
        const { subscriptions } = connectionScene().connection;
        const users = new Map<string, number>();
        for (const { filter, qos, isHeld } of steps) {
          const before = users.get(filter) ?? 0;
          if (isHeld) subscriptions.hold({ filter, qos });
          else subscriptions.release(filter);
          users.set(filter, isHeld ? before + 1 : Math.max(0, before - 1));
        }
        for (const [filter, count] of users) {
          expect(subscriptions.qosOf(filter) !== undefined).toBe(count > 0);
        }
        expect(subscriptions.size).toBe([...users.values()].filter((count) => count > 0).length);
      }),
    );
  });
});
