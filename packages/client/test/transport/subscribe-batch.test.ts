import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subscribeBatches } from "../../src/transport/subscribe-batch.ts";
import type { Subscription } from "../../src/transport/transport.ts";

const anySubscription: fc.Arbitrary<Subscription> = fc.record({
  filter: fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("resubscribe", "__proto__", "constructor"),
    fc.nat().map(String),
  ),
  qos: fc.constantFrom(0, 1, 2),
});
const anySubscriptions = fc.uniqueArray(anySubscription, {
  maxLength: 50,
  selector: ({ filter }) => filter,
});

/** What MQTT.js subscribes for a batch, in its order. */
const sentFor = ({ topics, settings }: ReturnType<typeof subscribeBatches>[number]) =>
  Array.isArray(topics)
    ? topics.map((filter) => ({ filter, qos: settings.qos }))
    : Object.entries(topics).map(([filter, { qos }]) => ({ filter, qos }));

describe("subscribeBatches", () => {
  test("gives none for no subscriptions", () => {
    expect(subscribeBatches([])).toEqual([]);
  });

  test("puts filters of different QoS into one batch: each SUBACK may cost 40 ms", () => {
    const batches = subscribeBatches([
      { filter: "a", qos: 1 },
      { filter: "b", qos: 0 },
      { filter: "c", qos: 2 },
    ]);
    expect(batches.map(sentFor)).toEqual([
      [
        { filter: "a", qos: 1 },
        { filter: "b", qos: 0 },
        { filter: "c", qos: 2 },
      ],
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

  test("sends the filter that MQTT.js takes for an option as a list of its own", () => {
    const batches = subscribeBatches([
      { filter: "resubscribe", qos: 2 },
      { filter: "a", qos: 1 },
    ]);
    expect(batches.map(({ topics }) => topics)).toEqual([{ a: { qos: 1 } }, ["resubscribe"]]);
    expect(batches[1]?.settings).toEqual({ qos: 2 });
  });

  test("names the filters in the order in which they are sent", () => {
    fc.assert(
      fc.property(anySubscriptions, (subscriptions) => {
        for (const batch of subscribeBatches(subscriptions)) {
          expect(batch.filters).toEqual(sentFor(batch).map(({ filter }) => filter));
        }
      }),
    );
  });

  test("loses and adds none, and keeps the QoS of each", () => {
    const byFilter = (one: Subscription, other: Subscription): number =>
      one.filter < other.filter ? -1 : 1;
    fc.assert(
      fc.property(anySubscriptions, (subscriptions) => {
        const sent = subscribeBatches(subscriptions).flatMap(sentFor);
        expect(sent.toSorted(byFilter)).toEqual(subscriptions.toSorted(byFilter));
      }),
    );
  });
});
