import type { DeviceHandle, ResponsePayload } from "gf-mqtt-client";
import { MQTTClient } from "gf-mqtt-client";
import { MemoryBroker, simulate } from "gf-mqtt-client/testing";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { mosquittoPath, startMosquitto } from "../../client/test/support/mosquitto.ts";
import { createInstrument } from "../src/index.ts";
import { fromHex } from "../src/instrument/waveform.ts";

const NOW = 1_745_534_869_619;

interface Metric {
  readonly name: string;
  readonly timestamp: number;
  readonly properties: { readonly unit: string; readonly t0: number; readonly dt: number };
  readonly data: string;
}

const connections = {
  memory: () =>
    Promise.resolve({ connection: new MemoryBroker().connection, end: () => Promise.resolve() }),
  embedded: async () => {
    const broker = await startDevBroker();
    return { connection: { broker: broker.url }, end: async () => broker.close() };
  },
  Mosquitto: async () => {
    const broker = await startMosquitto();
    return { connection: { broker: broker.url }, end: () => broker.stop() };
  },
};

const available = Object.entries(connections).filter(
  ([name]) => name !== "Mosquitto" || mosquittoPath !== undefined,
);

describe.each(available)("the simulated instrument over %s", (_name, open) => {
  let axuv: DeviceHandle;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const { connection, end } = await open();
    const router = createInstrument({ seed: 7, now: () => NOW });
    const device = await simulate(connection, "2D_XX_0_9999", router);
    const client = await new MQTTClient({ ...connection, timeoutMs: 10_000 }).connect();
    ends.push(
      () => client.disconnect(),
      () => device.client.disconnect(),
      end,
    );
    axuv = client.device("2D_XX_0_9999", "axuv");
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  const failureOf = async (answer: Promise<ResponsePayload>): Promise<unknown> =>
    answer.then(
      () => undefined,
      (error: unknown) => error,
    );

  test("reads and writes its settings, within their ranges", async () => {
    expect(await axuv.read("gains")).toEqual([1, 1, 1, 1]);
    expect((await axuv.put("gains", [1, 2, 4, 8])).header.response_code).toBe(204);
    expect(await axuv.read("gains")).toEqual([1, 2, 4, 8]);
    for (const [path, wrong] of [
      ["gains", [1, 2]],
      ["gains", [1, 1, 1, 33]],
      ["sample_rate", 999],
      ["sample_rate", 10_000_001],
      ["data_length", 0],
      ["data_length", 98_305],
      ["data_length", 1.5],
    ] as const) {
      expect(await failureOf(axuv.put(path, wrong))).toMatchObject({ responseCode: 400 });
    }
  });

  test("tells its status, address and version", async () => {
    expect(await axuv.read("status")).toEqual({ state: "IDLE", last_update: NOW });
    expect(await axuv.read("ip")).toBe("127.0.0.1");
    expect(await axuv.read("firmware_version")).toBe("1.0.0-simulated");
  });

  test("records when it is armed and triggered, and not before", async () => {
    expect(await failureOf(axuv.get("data"))).toMatchObject({ responseCode: 404 });
    expect(await failureOf(axuv.post("trigger"))).toMatchObject({
      responseCode: 412,
      detail: "the instrument is IDLE; POST arm first",
    });
    await axuv.post("arm");
    expect(await axuv.read("status")).toMatchObject({ state: "ARMED" });
    await axuv.post("trigger");
    expect(await axuv.read("status")).toMatchObject({ state: "TRIGGERED" });
    expect(await failureOf(axuv.post("trigger"))).toMatchObject({ responseCode: 412 });
    const { timestamp, metrics } = (await axuv.read("data")) as {
      readonly timestamp: number;
      readonly metrics: readonly Metric[];
    };
    expect(timestamp).toBe(NOW);
    expect(metrics.map((metric) => metric.name)).toEqual([
      "channel_1",
      "channel_2",
      "channel_3",
      "channel_4",
    ]);
    const [first, , , fourth] = metrics;
    expect(first?.properties).toEqual({ unit: "mV", t0: 0, dt: 1e-6 });
    const quarter = fromHex(first?.data ?? "")[250];
    expect(quarter).toBeGreaterThanOrEqual(980);
    expect(quarter).toBeLessThanOrEqual(1_020);
    // Eight times as much, at four times the frequency.
    expect(Math.max(...fromHex(fourth?.data ?? ""))).toBeGreaterThan(7_800);
  });

  test("records as many samples as it can hold", async () => {
    await axuv.put("data_length", 96 * 1_024);
    await axuv.post("arm");
    await axuv.post("trigger");
    const { body } = await axuv.get("data");
    const { metrics } = body as { readonly metrics: readonly Metric[] };
    expect(metrics.map((metric) => metric.data.length)).toEqual([
      393_216, 393_216, 393_216, 393_216,
    ]);
  });

  test("keeps values under paths that it tells", async () => {
    const { header } = await axuv.post("resources", { name: "run" });
    expect(header).toMatchObject({ response_code: 201, location: "resources/1" });
    expect(await axuv.read("resources/1")).toEqual({ name: "run" });
    await axuv.put("resources/1", "other");
    expect(await axuv.read("resources/1")).toBe("other");
    expect((await axuv.delete("resources/1")).header.response_code).toBe(202);
    for (const answer of [
      axuv.get("resources/1"),
      axuv.put("resources/1", 1),
      axuv.delete("resources/1"),
    ]) {
      expect(await failureOf(answer)).toMatchObject({ responseCode: 404 });
    }
  });

  test("describes itself", async () => {
    const described = await axuv.describe();
    expect(described.map(({ href }) => href)).toEqual([
      "gains",
      "sample_rate",
      "data_length",
      "status",
      "ip",
      "firmware_version",
      "arm",
      "trigger",
      "data",
      "resources",
      "resources/:id",
    ]);
  });
});

test("the same seed records the same noise", async () => {
  const recorded: unknown[] = [];
  for (const seed of [3, 3, 4]) {
    const broker = new MemoryBroker();
    await using _device = await broker.simulate("d", createInstrument({ seed, now: () => NOW }));
    await using client = await new MQTTClient({ ...broker.connection }).connect();
    const axuv = client.device("d", "axuv");
    await axuv.post("arm");
    await axuv.post("trigger");
    recorded.push(await axuv.read("data"));
  }
  expect(recorded[1]).toEqual(recorded[0]);
  expect(recorded[2]).not.toEqual(recorded[0]);
});
