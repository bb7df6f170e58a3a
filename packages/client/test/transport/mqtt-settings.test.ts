import mqtt from "mqtt";
import type { IClientOptions } from "mqtt";
import { describe, expect, test, vi } from "vitest";
import type { DialRequest } from "../../src/transport/transport.ts";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { dial } from "./dialled-link.ts";

/** What MQTT.js is told when a link is dialled. */
const settingsOf = async (
  request: Partial<DialRequest> = {},
): Promise<IClientOptions | undefined> => {
  const connect = vi.spyOn(mqtt, "connect");
  await using broker = await startDevBroker({ wsPort: false });
  await using client = await dial(broker.url, request);
  expect(client.link).toBeDefined();
  return connect.mock.calls.at(-1)?.[1];
};

describe("MQTT.js is told", () => {
  test("not to reconnect, resubscribe or queue by itself: it sends before it has resubscribed", async () => {
    expect(await settingsOf()).toMatchObject({
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
  });

  test("not to start a timer worker from a blob, against a strict content security policy", async () => {
    expect(await settingsOf()).toMatchObject({ timerVariant: "native" });
  });

  test("to use no packet identifier twice at a time, link by link", async () => {
    const providers = [await settingsOf(), await settingsOf()].map(
      (settings) => settings?.messageIdProvider,
    );
    for (const provider of providers) {
      expect(provider).toBeInstanceOf(mqtt.UniqueMessageIdProvider);
    }
    expect(providers[0]).not.toBe(providers[1]);
  });

  test("to start a clean session", async () => {
    expect(await settingsOf()).toMatchObject({ clean: true });
  });

  test.each([
    [60_000, 60],
    [1_500, 2],
    [1, 1],
  ])("to probe the link every %i ms as %i whole seconds", async (keepAliveMs, keepalive) => {
    expect(await settingsOf({ keepAliveMs })).toMatchObject({ keepalive });
  });

  test("neither user name nor password where there are none", async () => {
    const settings = await settingsOf();
    expect(settings).not.toHaveProperty("username");
    expect(settings).not.toHaveProperty("password");
  });
});
