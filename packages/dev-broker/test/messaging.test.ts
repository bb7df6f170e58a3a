import { afterEach, describe, expect, test, vi } from "vitest";
import { startDevBroker } from "../src/index.ts";
import { LINKS, connectOver, connectTo } from "./support/client.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe.each(LINKS)("$name", (link) => {
  test.each([0, 1, 2] as const)("a message at QoS %i reaches its subscriber", async (qos) => {
    await using broker = await startDevBroker();
    await using subscriber = await connectOver(broker, link);
    await using publisher = await connectOver(broker, link);
    await subscriber.mqtt.subscribeAsync("lab/+/temperature", { qos });
    await publisher.mqtt.publishAsync("lab/7/temperature", "21.5", { qos });
    const { topic, payload } = await subscriber.receive();
    expect({ topic, payload: String(payload) }).toEqual({
      topic: "lab/7/temperature",
      payload: "21.5",
    });
  });

  test("a retained message reaches who subscribes later", async () => {
    await using broker = await startDevBroker();
    await using client = await connectOver(broker, link);
    await client.mqtt.publishAsync("lab/door", "open", { retain: true, qos: 1 });
    await client.mqtt.subscribeAsync("lab/door");
    expect(await client.receive()).toMatchObject({ retain: true, payload: Buffer.from("open") });
  });

  test("a payload of a megabyte arrives whole", async () => {
    await using broker = await startDevBroker();
    await using client = await connectOver(broker, link);
    const payload = Buffer.alloc(1_048_576, "gf");
    await client.mqtt.subscribeAsync("lab/image");
    await client.mqtt.publishAsync("lab/image", payload);
    expect(payload.equals(Buffer.from((await client.receive()).payload))).toBe(true);
  });

  test("a client that vanishes leaves its will", async () => {
    await using broker = await startDevBroker();
    await using watcher = await connectOver(broker, link);
    await watcher.mqtt.subscribeAsync("lab/gone");
    const will = {
      topic: "lab/gone",
      payload: Buffer.from("device"),
      qos: 0,
      retain: false,
    } as const;
    await using device = await connectOver(broker, link, { will });
    device.mqtt.stream.destroy();
    expect(await watcher.receive()).toMatchObject({ payload: Buffer.from("device") });
  });
});

describe.each(LINKS.filter(({ protocolVersion }) => protocolVersion === 5))("$name", (link) => {
  test("the properties of a message arrive with it", async () => {
    await using broker = await startDevBroker();
    await using client = await connectOver(broker, link);
    const properties = {
      messageExpiryInterval: 60,
      responseTopic: "lab/answers",
      correlationData: Buffer.from([0, 1, 254, 255]),
      userProperties: { unit: "°C", sensor: ["a", "b"] },
      contentType: "application/json",
      payloadFormatIndicator: true,
    };
    await client.mqtt.subscribeAsync("lab/questions");
    await client.mqtt.publishAsync("lab/questions", "{}", { properties });
    const { properties: received } = await client.receive();
    expect({ ...received, userProperties: { ...received?.userProperties } }).toEqual(properties);
  });

  test("a message that expired while its subscriber was away is not delivered", async () => {
    await using broker = await startDevBroker();
    await using operator = await connectOver(broker, link);
    const session = {
      clientId: "device",
      clean: false,
      properties: { sessionExpiryInterval: 600 },
    } as const;
    const before = await connectOver(broker, link, session);
    await before.mqtt.subscribeAsync("device/commands", { qos: 1 });
    await before.mqtt.endAsync();
    const send = (payload: string, messageExpiryInterval: number): Promise<unknown> =>
      operator.mqtt.publishAsync("device/commands", payload, {
        qos: 1,
        properties: { messageExpiryInterval },
      });
    await send("stale", 30);
    await send("fresh", 300);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    await using after = await connectOver(broker, link, session);
    const { payload, properties } = await after.receive();
    expect(String(payload)).toBe("fresh");
    expect(properties?.messageExpiryInterval).toBe(240);
  });
});

test("versions and transports exchange messages with each other", async () => {
  await using broker = await startDevBroker();
  await using old = await connectTo(broker.url, { protocolVersion: 4 });
  await using recent = await connectTo(broker.wsUrl, { protocolVersion: 5 });
  await old.mqtt.subscribeAsync("to/old");
  await recent.mqtt.subscribeAsync("to/recent");
  await recent.mqtt.publishAsync("to/old", "1", { properties: { responseTopic: "to/recent" } });
  await old.mqtt.publishAsync("to/recent", "2");
  const received = [await old.receive(), await recent.receive()];
  expect(received.map(({ payload }) => String(payload))).toEqual(["1", "2"]);
});

test("a second client with the identifier of the first takes its place", async () => {
  await using broker = await startDevBroker();
  await using first = await connectTo(broker.url, { clientId: "device" });
  const ousted = new Promise((resolve) => first.mqtt.once("disconnect", resolve));
  await using second = await connectTo(broker.url, { clientId: "device" });
  expect(await ousted).toMatchObject({ reasonCode: 142 });
  expect(second.mqtt.connected).toBe(true);
  expect(broker.clientCount).toBe(1);
});

test("a session outlives its connection, and what arrived meanwhile is delivered", async () => {
  await using broker = await startDevBroker();
  await using operator = await connectTo(broker.url);
  const session = { protocolVersion: 4, clientId: "device", clean: false } as const;
  const before = await connectTo(broker.url, session);
  await before.mqtt.subscribeAsync("device/commands", { qos: 1 });
  await before.mqtt.endAsync();
  await operator.mqtt.publishAsync("device/commands", "start", { qos: 1 });
  await using after = await connectTo(broker.url, session);
  expect(String((await after.receive()).payload)).toBe("start");
});
