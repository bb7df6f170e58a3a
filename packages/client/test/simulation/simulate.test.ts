import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import { MQTTClient, OptionError, ResourceRouter, SyncMQTTClient } from "../../src/index.ts";
import type { SimulateOptions } from "../../src/testing.ts";
import { MemoryBroker, seededRandom, simulate } from "../../src/testing.ts";

const router = (): ResourceRouter => {
  let runs = 0;
  return new ResourceRouter().get("runs", () => {
    runs += 1;
    return runs;
  });
};

describe("a simulated device", () => {
  test("is one line, and ends with the block", async () => {
    const broker = new MemoryBroker();
    await using client = await new MQTTClient({ ...broker.connection }).connect();
    {
      await using pump = await broker.simulate("pump-1", router());
      expect(pump.client.identifier).toBe("pump-1");
      expect(await client.device("pump-1", "axuv").read("runs")).toBe(1);
      expect(broker.clientCount).toBe(2);
    }
    expect(broker.clientCount).toBe(1);
  });

  test("answers later by its latency", async () => {
    const broker = new MemoryBroker();
    await using client = await new MQTTClient({ ...broker.connection }).connect();
    await using _pump = await broker.simulate("pump-1", router(), { latencyMs: 60 });
    const startedAt = performance.now();
    await client.device("pump-1", "axuv").get("runs");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(58);
  });

  test("loses the same answers for the same seed, and a retry gets them", async () => {
    const losses: number[] = [];
    for (const seed of [7, 7, 8]) {
      const broker = new MemoryBroker();
      await using client = await new MQTTClient({ ...broker.connection }).connect();
      await using pump = await broker.simulate("pump-1", router(), { lose: 0.5, seed });
      const axuv = client.device("pump-1", "axuv");
      const retry = { attempts: 100, minDelayMs: 2, maxDelayMs: 2 };
      const seen: unknown[] = [];
      for (let count = 0; count < 20; count += 1)
        seen.push((await axuv.get("runs", { retry })).body);
      expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
      losses.push(pump.lost);
    }
    expect(losses[0]).toBeGreaterThan(5);
    expect(losses[1]).toBe(losses[0]);
  });

  test("answers twice, and counts it", async () => {
    const broker = new MemoryBroker();
    await using client = await new MQTTClient({ ...broker.connection }).connect();
    await using pump = await broker.simulate("pump-1", router(), { duplicate: 1 });
    await client.device("pump-1", "axuv").get("runs");
    await client.device("pump-1", "axuv").get("runs");
    expect([pump.duplicated, client.statistics.duplicateResponses]).toEqual([2, 1]);
  });

  test("works with a broker over a network, with groups and presence", async () => {
    await using broker = await startDevBroker();
    await using client = await new MQTTClient({ broker: broker.url }).connect();
    const options = { client: { groups: ["pumps"], presence: true } };
    await using _pump = await simulate({ broker: broker.url }, "pump-1", [router()], options);
    const asked = { group: "pumps", subsystem: "axuv", path: "runs", maxResponses: 1 };
    for await (const { source, response } of client.requestMany(asked)) {
      expect([source, response?.body]).toEqual(["pump-1", 1]);
    }
    for await (const device of client.presence()) {
      expect(device).toMatchObject({ identifier: "pump-1", state: "ONLINE" });
      break;
    }
  });

  test.each<object>([
    { lose: 1.5 },
    { duplicate: "often" },
    { latencyMs: -1 },
    { seed: 0.5 },
    { delayMs: 3 },
    { client: { qos: 1 } },
  ])("with the options %j is refused", async (options) => {
    const broker = new MemoryBroker();
    const given = options as SimulateOptions;
    await expect(broker.simulate("pump-1", router(), given)).rejects.toBeInstanceOf(OptionError);
  });

  test("cannot meet a blocking client in memory, which is told what to do", () => {
    const { connection } = new MemoryBroker();
    expect(() => new SyncMQTTClient({ ...connection } as object as { broker: string })).toThrow(
      "start gf-mqtt-dev-broker in another thread or process",
    );
  });
});

test("seeded random numbers repeat, and are spread over their range", () => {
  const [one, same, other] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  const numbers = Array.from({ length: 1_000 }, () => one());
  expect(Array.from({ length: 1_000 }, () => same())).toEqual(numbers);
  expect(other()).not.toBe(numbers[0]);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  expect(mean).toBeCloseTo(0.5, 1);
});
