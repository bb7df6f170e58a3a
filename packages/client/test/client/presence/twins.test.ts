import { expect, test } from "vitest";
import { MQTTClient } from "../../../src/index.ts";
import { MemoryBroker } from "../../../src/testing.ts";
import { Arrivals } from "../../contract/arrivals.ts";
import { recordingLogger } from "../../runtime/recording-logger.ts";
import { mosquittoPath, startMosquitto } from "../../support/mosquitto.ts";

const TOPIC = "gf_int_v1/device/system/pump/status";

test("two processes with one identifier do not drive each other: each eviction is told once", async () => {
  const broker = new MemoryBroker();
  const { connection } = broker;
  const { logger } = recordingLogger();
  const twin = { ...connection, identifier: "pump", presence: true, logger };
  const statuses = new Arrivals<string>("a status");
  const link = await connection.transport.dial({
    url: "memory",
    broker: "memory",
    clientId: "witness",
    protocolLevel: 5,
    keepAliveMs: 0,
    timeoutMs: 1_000,
    signal: new AbortController().signal,
    onLost: () => {},
    onMessage: ({ payload }) => {
      statuses.push(JSON.parse(new TextDecoder().decode(payload)).body.state);
    },
  });
  await link.subscribe([{ filter: TOPIC, qos: 0 }]);
  await using first = await new MQTTClient({ ...twin, reconnect: false }).connect();
  expect(await statuses.next()).toBe("ONLINE");
  const second = await new MQTTClient({ ...twin, reconnect: false }).connect();
  expect(first.state).toBe("closed");
  expect([await statuses.next(), await statuses.next()]).toEqual(["OFFLINE", "ONLINE"]);
  await second.disconnect();
  expect(await statuses.next()).toBe("OFFLINE");
  expect(statuses.all).toHaveLength(4);
});

test.skipIf(mosquittoPath === undefined)(
  "a broker that retains nothing is no obstacle: who watches asks",
  async () => {
    await using broker = await startMosquitto({ config: "retain_available false" });
    const shared = { broker: broker.url, logLevel: "silent" } as const;
    await using device = await new MQTTClient({
      ...shared,
      identifier: "pump",
      presence: true,
    }).connect();
    await using watcher = await new MQTTClient(shared).connect();
    const watch = watcher.presence();
    expect((await watch.next()).value).toMatchObject({ identifier: "pump", state: "ONLINE" });
    await device.disconnect();
    expect((await watch.next()).value).toMatchObject({ identifier: "pump", state: "OFFLINE" });
  },
);
