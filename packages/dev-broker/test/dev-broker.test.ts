import { Socket } from "node:net";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { ListenError, startDevBroker } from "../src/index.ts";
import type { DevBroker } from "../src/index.ts";
import { LINKS, PATIENCE, connectOver, connectTo, event, openSocket } from "./support/client.ts";
import { connectPacket, subscribePacket } from "./support/packets.ts";

describe("a started broker", () => {
  test("tells where clients connect", async () => {
    await using broker = await startDevBroker();
    expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
    expect(broker.wsUrl).toBe(`ws://127.0.0.1:${broker.wsPort}`);
  });

  test("has ports of its own, so that several run beside each other", async () => {
    await using one = await startDevBroker();
    await using other = await startDevBroker();
    expect(new Set([one.port, one.wsPort, other.port, other.wsPort]).size).toBe(4);
    await using clientOfOne = await connectTo(one.url);
    await using clientOfOther = await connectTo(other.url);
    await clientOfOne.mqtt.subscribeAsync("#");
    await clientOfOther.mqtt.publishAsync("a", "for the other");
    await clientOfOne.mqtt.publishAsync("a", "for the one");
    expect(String((await clientOfOne.receive()).payload)).toBe("for the one");
  });

  test("has no WebSocket if told so", async () => {
    await using broker = await startDevBroker({ wsPort: false });
    expect([broker.wsPort, broker.wsUrl]).toEqual([undefined, undefined]);
    expectTypeOf(broker).toEqualTypeOf<DevBroker>();
  });

  test("writes an IPv6 host in brackets, and loopback for every address", async () => {
    await using local = await startDevBroker({ host: "::1" });
    await using everywhere = await startDevBroker({ host: "0.0.0.0" });
    expect(local.url).toBe(`mqtt://[::1]:${local.port}`);
    expect(everywhere.wsUrl).toBe(`ws://127.0.0.1:${everywhere.wsPort}`);
    expect(local.wsUrl).toBe(`ws://[::1]:${local.wsPort}`);
    await using client = await connectTo(local.url);
    expect(client.mqtt.connected).toBe(true);
  });

  test.each(LINKS)("counts the clients of $name", async (link) => {
    await using broker = await startDevBroker();
    expect(broker.clientCount).toBe(0);
    await using _first = await connectOver(broker, link);
    const second = await connectOver(broker, link);
    expect(broker.clientCount).toBe(2);
    await second.mqtt.endAsync();
    await expect.poll(() => broker.clientCount, PATIENCE).toBe(1);
  });

  test.each(LINKS)("sets TCP_NODELAY on its sockets of $name", async (link) => {
    const setNoDelay = vi.spyOn(Socket.prototype, "setNoDelay");
    await using broker = await startDevBroker();
    await using _client = await connectOver(broker, link);
    const port = link.over === "url" ? broker.port : broker.wsPort;
    const ofBroker = setNoDelay.mock.contexts.flatMap((socket, call) =>
      socket instanceof Socket && socket.localPort === port ? setNoDelay.mock.calls[call] : [],
    );
    setNoDelay.mockRestore();
    expect(ofBroker).toContain(true);
  });
});

describe("a port in use", () => {
  test("rejects with what, where and what to do", async () => {
    await using broker = await startDevBroker();
    const { port } = broker;
    const started = startDevBroker({ port });
    await expect(started).rejects.toBeInstanceOf(ListenError);
    await expect(started).rejects.toMatchObject({
      code: "LISTEN_FAILED",
      kind: "TCP",
      host: "127.0.0.1",
      port,
      cause: { code: "EADDRINUSE" },
      message:
        `cannot listen for MQTT over TCP on 127.0.0.1, port ${port}: the port is in use; stop the ` +
        'program that holds it, or set "port" to another port, or to 0 for a free one',
    });
  });

  test("for WebSocket frees the TCP port that was bound before", async () => {
    await using broker = await startDevBroker();
    const former = await startDevBroker();
    await former.close();
    const started = startDevBroker({ port: former.port, wsPort: broker.wsPort });
    await expect(started).rejects.toMatchObject({ kind: "WebSocket", port: broker.wsPort });
    await expect(started).rejects.toThrow('set "wsPort" to another port');
    await using later = await startDevBroker({ port: former.port });
    expect(later.port).toBe(former.port);
  });

  test("is told apart from an address of another machine", async () => {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737 §3).
    const started = startDevBroker({ host: "192.0.2.1" });
    await expect(started).rejects.toThrow('set "host" to one of its own');
  });
});

describe("dropConnections", () => {
  test.each(LINKS)("cuts the clients of $name without a word", async (link) => {
    await using broker = await startDevBroker();
    await using client = await connectOver(broker, link);
    const farewell = vi.fn();
    client.mqtt.on("disconnect", farewell);
    const closed = event(client.mqtt, "close");
    broker.dropConnections();
    await closed;
    await expect.poll(() => broker.clientCount, PATIENCE).toBe(0);
    expect(farewell).not.toHaveBeenCalled();
  });

  test("lets clients come back", async () => {
    await using broker = await startDevBroker();
    await using client = await connectTo(broker.url, { reconnectPeriod: 1 });
    const closed = event(client.mqtt, "close");
    const back = closed.then(() => event(client.mqtt, "connect"));
    broker.dropConnections();
    await back;
    expect(broker.clientCount).toBe(1);
  });

  test("cuts sockets that have not said anything yet", async () => {
    await using broker = await startDevBroker();
    const sockets = await Promise.all([broker.port, broker.wsPort].map(openSocket));
    // The broker has accepted these sockets once it serves some that came later.
    await using _tcp = await connectTo(broker.url);
    await using _webSocket = await connectTo(broker.wsUrl);
    const closed = Promise.all(sockets.map((socket) => event(socket, "close")));
    broker.dropConnections();
    await expect(closed).resolves.toHaveLength(2);
  });
});

describe("close", () => {
  test("tells MQTT 5 clients that the server shuts down", async () => {
    const broker = await startDevBroker();
    await using client = await connectTo(broker.url);
    const farewell = new Promise((resolve) => client.mqtt.once("disconnect", resolve));
    await client.mqtt.subscribeAsync("#");
    await broker.close();
    expect(await farewell).toMatchObject({ reasonCode: 139 });
  });

  test.each(LINKS)("ends the connections of $name", async (link) => {
    const broker = await startDevBroker();
    await using client = await connectOver(broker, link);
    const closed = event(client.mqtt, "close");
    await broker.close();
    await closed;
    expect(broker.clientCount).toBe(0);
  });

  test("may be called again, and together with a dispose", async () => {
    const broker = await startDevBroker();
    const first = broker.close();
    await Promise.all([first, broker.close(), broker[Symbol.asyncDispose]()]);
    await broker.close();
    expect(broker.close()).toBe(first);
  });

  test("waits for nobody who reads nothing", async () => {
    const broker = await startDevBroker();
    const sleeper = await openSocket(broker.port);
    sleeper.write(connectPacket("sleeper", 5));
    sleeper.write(subscribePacket(5, "flood"));
    await using flooder = await connectTo(broker.url);
    await expect.poll(() => broker.clientCount, PATIENCE).toBe(2);
    // Far more than the buffers of the sockets hold; the second one is acknowledged when the
    // first is on its way.
    await flooder.mqtt.publishAsync("flood", Buffer.alloc(16 * 1_048_576), { qos: 1 });
    await flooder.mqtt.publishAsync("flood", "", { qos: 1 });
    await broker.close();
    expect(broker.clientCount).toBe(0);
    sleeper.destroy();
  });

  test("ends sockets that have not said anything yet", async () => {
    const broker = await startDevBroker();
    const sockets = await Promise.all([broker.port, broker.wsPort].map(openSocket));
    const closed = Promise.all(sockets.map((socket) => event(socket, "close")));
    await broker.close();
    await expect(closed).resolves.toHaveLength(2);
  });

  test("frees the ports, so that a restart on them works at once", async () => {
    let broker = await startDevBroker();
    const { port, wsPort } = broker;
    for (let restart = 0; restart < 3; restart++) {
      await using _tcp = await connectTo(broker.url);
      await using _webSocket = await connectTo(broker.wsUrl);
      await broker.close();
      broker = await startDevBroker({ port, wsPort });
      expect([broker.port, broker.wsPort]).toEqual([port, wsPort]);
    }
    await using client = await connectTo(broker.url);
    expect(client.mqtt.connected).toBe(true);
    await broker.close();
  });

  test("forgets retained messages", async () => {
    const former = await startDevBroker();
    await using writer = await connectTo(former.url);
    await writer.mqtt.publishAsync("lab/door", "open", { retain: true, qos: 1 });
    await former.close();
    await using broker = await startDevBroker({ port: former.port });
    await using reader = await connectTo(broker.url);
    await reader.mqtt.subscribeAsync("lab/door");
    await reader.mqtt.publishAsync("lab/door", "new");
    expect(String((await reader.receive()).payload)).toBe("new");
  });
});
