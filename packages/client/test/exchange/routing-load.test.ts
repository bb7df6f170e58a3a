import { describe, expect, test } from "vitest";
import type { MQTTClient } from "../../src/index.ts";
import { embeddedKind } from "../contract/brokers/embedded-kind.ts";
import { mosquittoKind } from "../contract/brokers/mosquitto-kind.ts";
import { askAtOnce, numbers } from "./asking.ts";
import { onHeaderId, onRequestTopic } from "./raw-device.ts";
import type { AnswersOn } from "./raw-device.ts";
import { overBrokers } from "./routing-stage.ts";
import type { WireTap } from "./wire-tap.ts";

/** Own requests and mailbox. */
const HELD = 2;

/** Asks at once; each request gets its own answer, whoever else is asked. */
const expectEchoes = async (client: MQTTClient, targets: readonly string[]): Promise<void> => {
  expect(await askAtOnce(client, targets)).toEqual(numbers(targets.length));
};

/** How many topics a client has subscribed to, and left, beside those it holds. */
const tallyOf = ({ subscribed, unsubscribed }: WireTap): readonly number[] => [
  subscribed.length - HELD,
  unsubscribed.length,
];

/** A client that stands for all devices there are. */
const ALL = "+";

/** All of it takes seconds, and many on a loaded machine. */
const PATIENCE = { timeout: 60_000 } as const;

overBrokers([embeddedKind("5"), mosquittoKind("3.1.1")], (stage) => {
  describe("500 first requests at once to one device", PATIENCE, () => {
    test("cost one subscription, and 500 more none, where it answers on the request's topic", async () => {
      const { client, wire } = await stage.requester({ timeoutMs: PATIENCE.timeout });
      const { target } = await stage.device(onRequestTopic);
      const targets = numbers(500).map(() => target);
      await expectEchoes(client, targets);
      await expectEchoes(client, targets);
      expect(tallyOf(wire)).toEqual([1, 1]);
      expect(client.statistics.subscriptionsHeld).toBe(HELD);
    });

    test("cost a subscription each, and so do 500 more, where it answers on the header's", async () => {
      const { client, wire } = await stage.requester({ timeoutMs: PATIENCE.timeout });
      const { target } = await stage.device(onHeaderId);
      const targets = numbers(500).map(() => target);
      await expectEchoes(client, targets);
      await expectEchoes(client, targets);
      expect(tallyOf(wire)[0]).toBe(1_000);
      expect(client.statistics.subscriptionsHeld).toBe(HELD);
    });
  });

  describe("500 first requests at once to 50 devices", PATIENCE, () => {
    /** Every other device answers on the topic of the header's id. */
    const mixed: AnswersOn = (asked) =>
      /[02468]\/[^/]*$/.test(asked.topic) ? onRequestTopic(asked) : onHeaderId(asked);

    test("are answered, whichever kind each device is of", async () => {
      const { client, wire } = await stage.requester({ timeoutMs: PATIENCE.timeout });
      await stage.device(mixed, ALL);
      const targets = numbers(500).map((number) => `device-${number % 50}`);
      await expectEchoes(client, targets);
      await expectEchoes(client, targets);
      // One for each device, and for those that answer on the header's id one for each further request; at
      // most one for each first request, where a loaded machine takes longer than these wait for each other.
      expect(tallyOf(wire)[0]).toBeGreaterThanOrEqual(525);
      expect(tallyOf(wire)[0]).toBeLessThanOrEqual(750);
      expect(client.statistics.subscriptionsHeld).toBe(HELD);
    });
  });

  describe("10,000 requests to 1,000 devices", PATIENCE, () => {
    test("hold one subscription for all responses, and cost one for each device", async () => {
      const { client, wire } = await stage.requester({ timeoutMs: PATIENCE.timeout });
      await stage.device(onRequestTopic, ALL);
      const targets = numbers(10_000).map((number) => `device-${number % 1_000}`);
      for (let start = 0; start < targets.length; start += 250) {
        await expectEchoes(client, targets.slice(start, start + 250));
      }
      const { subscriptionsHeld, responsesReceived } = client.statistics;
      expect([subscriptionsHeld, responsesReceived]).toEqual([HELD, 10_000]);
      expect(tallyOf(wire)).toEqual([1_000, 1_000]);
    });
  });
});
