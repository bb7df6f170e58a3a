import { afterEach, describe, expect, test, vi } from "vitest";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { dial } from "./dialled-link.ts";
import type { RawPacket } from "./packets.ts";
import { PacketType, messageIdOf, readFilters, verdicts } from "./packets.ts";
import type { Answer } from "./scripted-broker.ts";
import { startScriptedBroker } from "./scripted-broker.ts";
import { soon } from "./soon.ts";

afterEach(() => void vi.useRealTimers());

const suback = (received: RawPacket): Buffer => {
  const codes = readFilters(received, 5).map(() => 0);
  return verdicts({ type: PacketType.SUBACK, messageId: messageIdOf(received) }, 5, codes);
};

/** A broker that can hold back its consent to subscriptions. */
const startReluctantBroker = async () => {
  const held: (() => void)[] = [];
  let isReluctant = false;
  const answer: Answer = (received, send) => {
    if (received.type !== PacketType.SUBSCRIBE) return;
    if (isReluctant) held.push(() => send(suback(received)));
    else send(suback(received));
  };
  const broker = await startScriptedBroker({ answer });
  return {
    broker,
    becomeReluctant: () => {
      isReluctant = true;
    },
    consent: () => {
      isReluctant = false;
      for (const give of held) give();
    },
  };
};

/** Waits until the client has noticed the loss of its link. */
const reconnecting = (client: MQTTClient): Promise<void> =>
  soon(
    "the loss of the link",
    new Promise((resolve) => {
      client.on("state", (next) => {
        if (next === "reconnecting") resolve();
      });
    }),
  );

describe("a client that lost its link", () => {
  test.each([0, 1] as const)(
    "sends nothing before its subscriptions are back, QoS %i",
    async (qos) => {
      const { broker, becomeReluctant, consent } = await startReluctantBroker();
      await using server = broker;
      const client = new MQTTClient({ broker: server.url, reconnect: { minDelayMs: 1 } });
      await client.connect();
      const connecting = [...broker.names];
      const subscribes = connecting.filter((name) => name === "SUBSCRIBE").length;
      const lost = reconnecting(client);
      becomeReluctant();
      broker.cut();
      await lost;
      const calls = [
        client.publish("a/b", {}, { qos }),
        client.request({ targetDeviceTag: "device", subsystem: "axuv", path: "gains", qos }),
      ];
      for (const call of calls) call.catch(() => undefined);
      await broker.received(PacketType.SUBSCRIBE, 2 * subscribes);
      await promisesSettled();
      expect(broker.names).toEqual([...connecting, ...connecting]);
      consent();
      await broker.received(PacketType.PUBLISH, 2);
      const lostAgain = reconnecting(client);
      broker.cut();
      await lostAgain;
      await client.disconnect();
    },
  );
});

describe("a lost link", () => {
  test("does not come back by itself, and leaves no interval behind", async () => {
    // MQTT.js both probes its link and dials again by intervals.
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    expect(vi.getTimerCount()).toBe(1);
    broker.cut();
    await client.lost();
    expect(vi.getTimerCount()).toBe(0);
  });
});
