import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subscribeBatches } from "../../src/transport/subscribe-batch.ts";

describe("subscribeBatches", () => {
  test("gives none for no subscriptions", () => {
    expect(subscribeBatches([])).toEqual([]);
  });

  test("puts filters of one QoS into one batch, in their order", () => {
    expect(
      subscribeBatches([
        { filter: "10", qos: 1 },
        { filter: "z", qos: 0 },
        { filter: "9", qos: 1 },
        { filter: "b", qos: 2 },
      ]),
    ).toEqual([
      { qos: 0, filters: ["z"] },
      { qos: 1, filters: ["10", "9"] },
      { qos: 2, filters: ["b"] },
    ]);
  });

  test("takes no more than eight filters into a batch", () => {
    const subscriptions = Array.from({ length: 17 }, (_, at) => ({
      filter: `f${String(at)}`,
      qos: 1 as const,
    }));
    const sizes = subscribeBatches(subscriptions).map(({ filters }) => filters.length);
    expect(sizes).toEqual([8, 8, 1]);
  });

  test("loses and adds none, whatever the subscriptions", () => {
    const anySubscription = fc.record({
      filter: fc.string(),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    });
    fc.assert(
      fc.property(fc.array(anySubscription, { maxLength: 50 }), (subscriptions) => {
        const unpacked = subscribeBatches(subscriptions).flatMap(({ qos, filters }) =>
          filters.map((filter) => ({ filter, qos })),
        );
        const sorted = subscriptions.toSorted((one, other) => one.qos - other.qos);
        expect(unpacked).toEqual(sorted);
      }),
    );
  });
});
