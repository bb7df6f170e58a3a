import { describe, expect, test } from "vitest";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import { startCounters } from "../../src/client/statistics.ts";
import { MemoryBroker } from "../../src/testing.ts";

describe("statistics", () => {
  test("begin at zero, every one of them", () => {
    const counters = Object.values(startCounters());
    expect(counters.length).toBeGreaterThan(10);
    expect(new Set(counters)).toEqual(new Set([0]));
  });

  test("of a new client are its counters, and what it holds", () => {
    const client = new MQTTClient({ broker: "host" });
    expect(Object.keys(client.statistics).toSorted()).toEqual(
      [...Object.keys(startCounters()), "requestsInFlight", "subscriptionsHeld"].toSorted(),
    );
    expect(client.statistics.requestsInFlight).toBe(0);
  });

  test("are a copy that counts no further, and cannot be counted up from outside", async () => {
    const broker = new MemoryBroker();
    await using client = new MQTTClient({
      ...broker.connection,
      reconnect: { minDelayMs: 0, maxDelayMs: 0 },
    });
    await client.connect();
    const before = client.statistics;
    Object.assign(before, { reconnects: 99 });
    broker.dropConnections();
    await client.connect();
    expect(before.reconnects).toBe(99);
    expect(client.statistics.reconnects).toBe(1);
  });
});
