import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import { LinkLostError } from "../../src/errors/connection-errors.ts";
import { GatewayTimeoutResponse } from "../../src/errors/error-responses.ts";
import type { OutgoingMessage, QoS } from "../../src/transport/transport.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { dial } from "./dialled-link.ts";
import { rejectionsOf } from "./soon.ts";

const message = (qos: QoS): OutgoingMessage => ({
  topic: "a/b",
  payload: "{}",
  qos,
  retain: false,
});

/** A broker behind a proxy that can fall silent. */
const startSilenceable = async () => {
  const broker = await startDevBroker({ wsPort: false });
  const proxy = await startTcpProxy({ port: broker.port });
  return {
    proxy,
    url: proxy.url,
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      await broker.close();
    },
  };
};

describe("a link gone silent", () => {
  test("is found by its keep-alive, and every call rejects with LinkLostError", async () => {
    await using broker = await startSilenceable();
    await using client = await dial(broker.url, { keepAliveMs: 1_000 });
    broker.proxy.freeze();
    const rejections = rejectionsOf([
      client.link.publish(message(1)),
      client.link.publish(message(2)),
      client.link.subscribe([{ filter: "a", qos: 0 }]),
      client.link.unsubscribe(["b"]),
    ]);
    const reasons = await unhandledDuring(async () => {
      for (const error of await rejections) expect(error).toBeInstanceOf(LinkLostError);
      expect(String(await client.lost())).toContain("Keepalive timeout");
    });
    expect(reasons).toEqual([]);
  });

  test("that only seemed so is kept", async () => {
    await using broker = await startSilenceable();
    await using client = await dial(broker.url);
    broker.proxy.freeze();
    const publish = client.link.publish(message(1));
    broker.proxy.thaw();
    expect(await publish).toBe("delivered");
  });

  test("can be closed all the same, with a publish under way", async () => {
    await using broker = await startSilenceable();
    const client = await dial(broker.url);
    broker.proxy.freeze();
    const publish = Promise.resolve(client.link.publish(message(1))).catch(
      (error: unknown) => error,
    );
    await client.link.close();
    expect(await publish).toBeInstanceOf(LinkLostError);
  });
});

describe("a client whose link has gone silent", () => {
  const device = { targetDeviceTag: "device", subsystem: "axuv", path: "gains" };

  test("ends every call at its deadline", async () => {
    await using broker = await startSilenceable();
    await using client = new MQTTClient({ broker: broker.url });
    await client.connect();
    broker.proxy.freeze();
    const rejections = await rejectionsOf([
      client.request({ ...device, timeoutMs: 50 }),
      client.request({ ...device, qos: 1, timeoutMs: 50 }),
      client.publish("a/b", {}, { qos: 1, timeoutMs: 50 }),
      client.publish("a/b", {}, { qos: 2, timeoutMs: 50 }),
      client.subscribe("a/b", { timeoutMs: 50 }),
    ]);
    for (const error of rejections) expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    broker.proxy.thaw();
  });

  test("ends every call by its signal", async () => {
    await using broker = await startSilenceable();
    await using client = new MQTTClient({ broker: broker.url });
    await client.connect();
    broker.proxy.freeze();
    const controller = new AbortController();
    const { signal } = controller;
    const rejections = rejectionsOf([
      client.request({ ...device, qos: 1, signal }),
      client.publish("a/b", {}, { qos: 1, signal }),
      client.subscribe("a/b", { signal }),
    ]);
    const stopped = new Error("stopped");
    controller.abort(stopped);
    expect(await rejections).toEqual([stopped, stopped, stopped]);
    broker.proxy.thaw();
  });

  test("sends a publish with QoS 1 again once the keep-alive has found it out", async () => {
    await using broker = await startSilenceable();
    await using client = new MQTTClient({
      broker: broker.url,
      keepAliveMs: 1_000,
      timeoutMs: 10_000,
      reconnect: { minDelayMs: 1 },
    });
    await client.connect();
    broker.proxy.freeze();
    const publish = client.publish("a/b", {}, { qos: 1 });
    const lost = new Promise<void>((resolve) => {
      client.on("state", (next) => {
        if (next === "reconnecting") resolve();
      });
    });
    await lost;
    broker.proxy.thaw();
    await publish;
    expect(client.statistics.reconnects).toBe(1);
  });

  test("can be disconnected, and rejects what waits", async () => {
    await using broker = await startSilenceable();
    await using client = new MQTTClient({ broker: broker.url });
    await client.connect();
    broker.proxy.freeze();
    const rejections = rejectionsOf([
      client.request(device),
      client.request({ ...device, qos: 1 }),
      client.publish("a/b", {}, { qos: 1 }),
      client.subscribe("a/b"),
    ]);
    await client.disconnect();
    for (const error of await rejections) {
      expect(error).toMatchObject({ name: "ClientClosedError" });
    }
  });
});
