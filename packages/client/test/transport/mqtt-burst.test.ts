import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import type { ProtocolLevel, QoS } from "../../src/transport/transport.ts";
import { mosquittoPath, startMosquitto } from "../support/mosquitto.ts";
import { dial } from "./dialled-link.ts";
import { soon } from "./soon.ts";

const BURST = 3_000;
const TOPIC = "burst";

/** The warnings that the process gives while `action` runs. */
const warningsDuring = async (action: () => Promise<void>): Promise<readonly Error[]> => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  try {
    await action();
    // They are told of in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", note);
  }
  return warnings;
};

/** Publishes a burst to a subscriber of the same broker, and gives the payloads in the order of arrival. */
const deliverBurst = async (
  url: string,
  { level, qos }: { readonly level: ProtocolLevel; readonly qos: QoS },
): Promise<readonly string[]> => {
  await using subscriber = await dial(url, { protocolLevel: level });
  await using publisher = await dial(url, { protocolLevel: level });
  await subscriber.link.subscribe([{ filter: TOPIC, qos }]);
  const outcomes = Array.from({ length: BURST }, async (_, number) =>
    publisher.link.publish({ topic: TOPIC, payload: String(number), qos, retain: false }),
  );
  const expected = qos === 0 ? "sent" : "delivered";
  expect(new Set(await soon("the acknowledgement of all", Promise.all(outcomes)))).toEqual(
    new Set([expected]),
  );
  const messages = await subscriber.received(BURST);
  const decoder = new TextDecoder();
  return messages.map(({ payload }) => decoder.decode(payload));
};

const NUMBERS = Array.from({ length: BURST }, (_, number) => String(number));

describe.skipIf(mosquittoPath === undefined)("Mosquitto (must be installed)", () => {
  test.each([
    { level: 5, qos: 1 },
    { level: 5, qos: 2 },
    { level: 4, qos: 1 },
    { level: 4, qos: 2 },
  ] as const)(
    "delivers every publish of a burst: MQTT level $level, QoS $qos",
    async ({ level, qos }) => {
      await using broker = await startMosquitto({ tcpNoDelay: true });
      expect(await deliverBurst(broker.url, { level, qos })).toEqual(NUMBERS);
    },
  );
});

describe("a burst of publishes that nobody awaits", () => {
  test.each([0, 1] as const)("warns of no leak, QoS %i", async (qos) => {
    await using broker = await startDevBroker({ wsPort: false });
    const warnings = await warningsDuring(async () => {
      expect(await deliverBurst(broker.url, { level: 5, qos })).toEqual(NUMBERS);
    });
    expect(warnings).toEqual([]);
  });

  test("warns of no leak while the socket takes no more", async () => {
    await using broker = await startDevBroker({ wsPort: false });
    await using client = await dial(broker.url);
    const payload = "x".repeat(5_000);
    const warnings = await warningsDuring(async () => {
      const outcomes = Array.from({ length: BURST }, async () =>
        client.link.publish({ topic: TOPIC, payload, qos: 0, retain: false }),
      );
      expect(await soon("the sending of all", Promise.all(outcomes))).toHaveLength(BURST);
    });
    expect(warnings).toEqual([]);
  });
});
