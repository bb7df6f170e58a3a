import type { DevBrokerOptions } from "gf-mqtt-dev-broker";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import type { Subscription } from "../../src/transport/transport.ts";
import { dial } from "./dialled-link.ts";
import { PacketType, messageIdOf, readFilters, verdicts } from "./packets.ts";
import { startScriptedBroker } from "./scripted-broker.ts";

const BOTH_LEVELS = [4, 5] as const;

const subscriptions = (...filters: readonly string[]): readonly Subscription[] =>
  filters.map((filter) => ({ filter, qos: 1 }));

const openBroker = (options: DevBrokerOptions = {}) =>
  startDevBroker({ ...options, wsPort: false });

const refusing = (...refused: readonly string[]) =>
  openBroker({ authorizeSubscribe: (_clientId, filter) => !refused.includes(filter) });

describe.each(BOTH_LEVELS)("subscribe, MQTT level %i", (protocolLevel) => {
  const refusalCode = protocolLevel === 5 ? 135 : 128;

  test("gives the granted QoS of every filter", async () => {
    await using broker = await openBroker();
    await using client = await dial(broker.url, { protocolLevel });
    const wanted: readonly Subscription[] = [
      { filter: "zero", qos: 0 },
      { filter: "two", qos: 2 },
      { filter: "one", qos: 1 },
    ];
    const results = await client.link.subscribe(wanted);
    expect(results).toHaveLength(3);
    for (const { filter, qos } of wanted) {
      expect(results).toContainEqual({ filter, granted: qos, reasonCode: qos });
    }
  });

  test("tells the refused filter from the others", async () => {
    await using broker = await refusing("secret");
    await using client = await dial(broker.url, { protocolLevel });
    expect(await client.link.subscribe(subscriptions("a", "secret", "b"))).toEqual([
      { filter: "a", granted: 1, reasonCode: 1 },
      { filter: "secret", granted: undefined, reasonCode: refusalCode },
      { filter: "b", granted: 1, reasonCode: 1 },
    ]);
  });

  test("does not take a refusal for a success", async () => {
    await using broker = await refusing("secret");
    await using client = await dial(broker.url, { protocolLevel });
    expect(await client.link.subscribe(subscriptions("secret"))).toEqual([
      { filter: "secret", granted: undefined, reasonCode: refusalCode },
    ]);
  });

  test.each([
    [["10", "9", "b", "1"], "9"],
    [["b", "a", "10", "2"], "b"],
    [["__proto__", "constructor", "resubscribe"], "constructor"],
    [["resubscribe"], "resubscribe"],
    [["resubscribe"], "another"],
  ] as const)("gives each of the filters %j its own verdict", async (filters, refused) => {
    await using broker = await startScriptedBroker({
      level: protocolLevel,
      answer: (received, send) => {
        if (received.type !== PacketType.SUBSCRIBE) return;
        const codes = readFilters(received, protocolLevel).map((name) =>
          name === refused ? refusalCode : 1,
        );
        const messageId = messageIdOf(received);
        send(verdicts({ type: PacketType.SUBACK, messageId }, protocolLevel, codes));
      },
    });
    await using client = await dial(broker.url, { protocolLevel });
    const results = await client.link.subscribe(subscriptions(...filters));
    const verdictOf = new Map(results.map(({ filter, granted }) => [filter, granted]));
    expect(results).toHaveLength(filters.length);
    expect(verdictOf).toEqual(
      new Map(filters.map((filter) => [filter, filter === refused ? undefined : 1])),
    );
  });

  test.each(["10", "resubscribe", "/", "a//b", "€"])(
    "takes the filter %s, and brings its messages",
    async (filter) => {
      await using broker = await openBroker();
      await using client = await dial(broker.url, { protocolLevel });
      const [result] = await client.link.subscribe(subscriptions(filter));
      expect(result).toEqual({ filter, granted: 1, reasonCode: 1 });
      await client.link.publish({ topic: filter, payload: "{}", qos: 0, retain: false });
      expect(await client.received(1)).toMatchObject([{ topic: filter }]);
    },
  );

  test("sends many filters in several packets, and brings the messages of all", async () => {
    const filters = Array.from({ length: 100 }, (_, number) => `topic/${String(number)}`);
    await using broker = await openBroker();
    await using client = await dial(broker.url, { protocolLevel });
    const results = await client.link.subscribe(subscriptions(...filters));
    expect(results.map(({ filter }) => filter)).toEqual(filters);
    for (const topic of filters) {
      void client.link.publish({ topic, payload: "{}", qos: 0, retain: false });
    }
    const messages = await client.received(100);
    expect(new Set(messages.map(({ topic }) => topic))).toEqual(new Set(filters));
  });

  test("can be undone", async () => {
    await using broker = await openBroker();
    await using client = await dial(broker.url, { protocolLevel });
    await client.link.subscribe(subscriptions("a", "b"));
    await client.link.unsubscribe(["a"]);
    for (const topic of ["a", "b"]) {
      await client.link.publish({ topic, payload: "{}", qos: 0, retain: false });
    }
    expect(await client.received(1)).toMatchObject([{ topic: "b" }]);
  });
});

describe("subscribe", () => {
  test("sends nothing for no filters", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    expect(await client.link.subscribe([])).toEqual([]);
    await client.link.publish({ topic: "a", payload: "", qos: 0, retain: false });
    await broker.received(PacketType.PUBLISH, 1);
    expect(broker.names).toEqual(["CONNECT", "PUBLISH"]);
  });

  test("brings the messages as they were sent", async () => {
    await using broker = await openBroker();
    await using client = await dial(broker.url);
    await client.link.subscribe([{ filter: "a/#", qos: 2 }]);
    await client.link.publish({ topic: "a/é", payload: "größe", qos: 2, retain: false });
    const [message] = await client.received(1);
    expect(message).toMatchObject({ topic: "a/é", qos: 2, retain: false, duplicate: false });
    expect(new TextDecoder().decode(message?.payload)).toBe("größe");
  });

  test("brings what the broker retained, and says so", async () => {
    await using broker = await openBroker();
    await using sender = await dial(broker.url);
    await sender.link.publish({ topic: "state", payload: "on", qos: 1, retain: true });
    await using client = await dial(broker.url);
    await client.link.subscribe(subscriptions("state"));
    expect(await client.received(1)).toMatchObject([{ topic: "state", retain: true }]);
  });
});
