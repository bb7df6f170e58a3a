import { describe, expect, test } from "vitest";
import { LinkLostError } from "../../src/errors/connection-errors.ts";
import type { OutgoingMessage, QoS } from "../../src/transport/transport.ts";
import { outcomeOf } from "../connection/connection-scene.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import { acknowledge } from "./acknowledge.ts";
import { dial } from "./dialled-link.ts";
import { PacketType, acknowledgement, messageIdOf, packet, verdicts } from "./packets.ts";
import { startScriptedBroker } from "./scripted-broker.ts";
import { rejectionsOf } from "./soon.ts";

const message = (qos: QoS): OutgoingMessage => ({
  topic: "a/b",
  payload: "{}",
  qos,
  retain: false,
});

describe("the end of a link", () => {
  test("rejects every call with LinkLostError, and is told once", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    const rejections = rejectionsOf([
      client.link.publish(message(1)),
      client.link.publish(message(2)),
      client.link.subscribe([{ filter: "a", qos: 0 }]),
      client.link.unsubscribe(["b"]),
    ]);
    await broker.received(PacketType.UNSUBSCRIBE, 1);
    const reasons = await unhandledDuring(async () => {
      broker.cut();
      for (const error of await rejections) expect(error).toBeInstanceOf(LinkLostError);
      expect(await client.lost()).toBeInstanceOf(LinkLostError);
    });
    expect(reasons).toEqual([]);
  });

  test("rejects the calls made afterwards", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    broker.cut();
    await client.lost();
    const { link } = client;
    await expect(async () => link.publish(message(1))).rejects.toBeInstanceOf(LinkLostError);
    await expect(link.subscribe([{ filter: "a", qos: 0 }])).rejects.toBeInstanceOf(LinkLostError);
    await expect(link.unsubscribe(["a"])).rejects.toBeInstanceOf(LinkLostError);
  });

  test("begins with close(): nothing is sent while the last acknowledgements are awaited", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    const { link } = client;
    const underWay = outcomeOf(link.publish(message(1)));
    await broker.received(PacketType.PUBLISH, 1);
    const closed = link.close();
    const calls = [
      ...([0, 1, 2] as const).map((qos) => Promise.resolve(link.publish(message(qos)))),
      link.subscribe([{ filter: "a", qos: 0 }]),
      link.unsubscribe(["a"]),
    ];
    for (const error of await rejectionsOf(calls)) expect(error).toBeInstanceOf(LinkLostError);
    broker.send(acknowledgement(PacketType.PUBACK, 1));
    await closed;
    expect(underWay).toEqual({ value: "delivered" });
    expect(broker.names).toEqual(["CONNECT", "PUBLISH", "DISCONNECT"]);
  });

  test("by a DISCONNECT gives the broker's reason", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    broker.send(packet(PacketType.DISCONNECT, 142, 0));
    broker.cut();
    expect(String(await client.lost())).toContain("Session taken over");
  });

  test("by bytes that are no packet is an end like others", async () => {
    await using broker = await startScriptedBroker();
    await using client = await dial(broker.url);
    const publish = outcomeOf(Promise.resolve(client.link.publish(message(1))));
    await broker.received(PacketType.PUBLISH, 1);
    const reasons = await unhandledDuring(async () => {
      broker.send(Uint8Array.of(0xf0, 0xff, 0xff, 0xff, 0xff));
      broker.cut();
      await client.lost();
    });
    expect(publish.error).toBeInstanceOf(LinkLostError);
    expect(reasons).toEqual([]);
  });
});

describe("close", () => {
  test("says goodbye, is idempotent, and is no lost link", async () => {
    await using broker = await startScriptedBroker();
    const losses: Error[] = [];
    const client = await dial(broker.url, { onLost: (cause) => void losses.push(cause) });
    await Promise.all([client.link.close(), client.link.close()]);
    await client.link.close();
    await broker.received(PacketType.DISCONNECT, 1);
    expect(broker.names).toEqual(["CONNECT", "DISCONNECT"]);
    expect(losses).toEqual([]);
  });

  test("rejects what waits", async () => {
    await using broker = await startScriptedBroker();
    const client = await dial(broker.url);
    const publish = outcomeOf(Promise.resolve(client.link.publish(message(1))));
    const subscribe = outcomeOf(client.link.subscribe([{ filter: "a", qos: 0 }]));
    await client.link.close();
    await promisesSettled();
    expect(publish.error).toBeInstanceOf(LinkLostError);
    expect(subscribe.error).toBeInstanceOf(LinkLostError);
  });

  test("after the link was lost ends too", async () => {
    await using broker = await startScriptedBroker();
    const client = await dial(broker.url);
    broker.cut();
    await client.lost();
    await client.link.close();
    expect(broker.names).toEqual(["CONNECT"]);
  });

  test("lets what was published before arrive", async () => {
    await using broker = await startScriptedBroker({ answer: acknowledge(5) });
    const client = await dial(broker.url);
    const published = [0, 1].map(async (qos) => client.link.publish(message(qos === 0 ? 0 : 1)));
    await client.link.close();
    expect(await Promise.all(published)).toEqual(["sent", "delivered"]);
    await broker.received(PacketType.DISCONNECT, 1);
    expect(broker.names).toEqual(["CONNECT", "PUBLISH", "PUBLISH", "DISCONNECT"]);
  });
});

describe("a verdict on a subscription", () => {
  test.each([
    ["fewer codes than filters", [0]],
    ["more codes than filters", [0, 0, 0]],
  ])("that makes no sense ends the link: %s", async (_what, codes) => {
    await using broker = await startScriptedBroker({
      answer: (received, send) => {
        if (received.type !== PacketType.SUBSCRIBE) return;
        const messageId = messageIdOf(received);
        send(verdicts({ type: PacketType.SUBACK, messageId }, 5, codes));
      },
    });
    await using client = await dial(broker.url);
    const results = client.link
      .subscribe([
        { filter: "a", qos: 0 },
        { filter: "b", qos: 0 },
      ])
      .catch((error: unknown) => error);
    await client.lost();
    expect(await results).not.toEqual([{ granted: 0 }, { granted: 0 }]);
  });
});
