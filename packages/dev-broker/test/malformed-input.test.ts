import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { ConnectionError, startDevBroker } from "../src/index.ts";
import type { DevBrokerWithWebSocket } from "../src/index.ts";
import { PATIENCE, connectTo, event, openSocket, sendBytes } from "./support/client.ts";
import { connectPacket, packet, sessionPacket, subscribePacket } from "./support/packets.ts";

/*
 * An exception that escapes from the broker fails the test run as an unhandled error, so it is
 * enough to see here that the broker goes on.
 */

async function expectToServe(broker: DevBrokerWithWebSocket): Promise<void> {
  await using client = await connectTo(broker.wsUrl);
  await using other = await connectTo(broker.url);
  await client.mqtt.subscribeAsync("still/there");
  await other.mqtt.publishAsync("still/there", "yes");
  expect(String((await client.receive()).payload)).toBe("yes");
}

const MALFORMED = {
  "text of another protocol": [Buffer.from("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")],
  zeros: [Buffer.alloc(64)],
  "a TLS handshake": [Buffer.from("16030100f8010000f40303", "hex")],
  "a length of more than four bytes": [Buffer.from("10ffffffffff01", "hex")],
  "another protocol name": [packet(0x10, "MQTX", 4, 2, 0, 0, "desk")],
  "an unknown protocol level": [packet(0x10, "MQTT", 6, 2, 0, 0, "desk")],
  "a CONNECT that ends early": [packet(0x10, "MQTT", 4)],
  "a packet before the CONNECT": [subscribePacket(4, "a")],
  "a second CONNECT": [connectPacket("desk", 4), connectPacket("desk", 4)],
  "a SUBSCRIBE without a filter": [connectPacket("desk", 4), packet(0x82, 0, 1)],
  "a SUBSCRIBE with wrong flags": [connectPacket("desk", 4), packet(0x80, 0, 1, "a", 0)],
  "a filter with a misplaced wildcard": [connectPacket("desk", 4), subscribePacket(4, "a/#/b")],
  "a PUBLISH to a wildcard": [connectPacket("desk", 4), packet(0x30, "a/+", "1")],
  "a PUBLISH with QoS 3": [connectPacket("desk", 4), packet(0x36, "a", 0, 1)],
  "an unknown property": [connectPacket("desk", 5), packet(0x30, "a", 2, 0xff, 0)],
  "an unknown topic alias": [connectPacket("desk", 5), packet(0x30, "", 3, 0x23, 0, 9)],
  "a topic with 200 levels": [connectPacket("desk", 4), packet(0x30, "a/".repeat(200), "1")],
};

test.each(Object.entries(MALFORMED))("%s ends the connection only", async (_name, packets) => {
  await using broker = await startDevBroker();
  await sendBytes(broker.port, ...packets);
  await expectToServe(broker);
});

test("a malformed packet is reported with the client that sent it", async () => {
  const onError = vi.fn();
  await using broker = await startDevBroker({ onError });
  await using client = await connectTo(broker.url, { clientId: "desk" });
  const closed = event(client.mqtt, "close");
  client.mqtt.stream.write(packet(0x80, 0, 1, "a", 0));
  await closed;
  expect(onError.mock.calls[0]?.[0]).toBeInstanceOf(ConnectionError);
  expect(onError.mock.calls[0]?.[0]).toMatchObject({
    code: "CONNECTION_FAILED",
    clientId: "desk",
    message: expect.stringMatching(/^the connection of client "desk" failed: .+/),
  });
});

test("an onError that throws does no harm", async () => {
  const onError = vi.fn(() => {
    throw new Error("the log is full");
  });
  await using broker = await startDevBroker({ onError });
  await sendBytes(broker.port, Buffer.alloc(64));
  expect(onError).toHaveBeenCalled();
  await expectToServe(broker);
});

describe.each([4, 5] as const)("at protocol level %i", (level) => {
  const NAMES = ["__proto__", "constructor", "hasOwnProperty", "toString"];

  test.each(NAMES)("a client may be called %s", async (clientId) => {
    await using broker = await startDevBroker();
    await using client = await connectTo(broker.url, { clientId, protocolVersion: level });
    await using _heir = await connectTo(broker.url, { clientId, protocolVersion: level });
    await event(client.mqtt, "close");
    expect(broker.clientCount).toBe(1);
  });

  test.each(NAMES.slice(1))("a filter may be called %s", async (filter) => {
    await using broker = await startDevBroker();
    await using client = await connectTo(broker.url, { protocolVersion: level });
    await client.mqtt.subscribeAsync([filter, "other"]);
    await client.mqtt.publishAsync(filter, "1", { qos: 1 });
    expect((await client.receive()).topic).toBe(filter);
    await client.mqtt.unsubscribeAsync(filter);
    await client.mqtt.publishAsync(filter, "2");
    await client.mqtt.publishAsync("other", "3");
    expect((await client.receive()).topic).toBe("other");
  });

  test("a filter called __proto__ ends the connection, in a session as well", async () => {
    await using broker = await startDevBroker();
    const session = sessionPacket("desk", level);
    await sendBytes(broker.port, session, subscribePacket(level, "a", "__proto__"));
    await sendBytes(broker.port, Buffer.concat([session, subscribePacket(level, "__proto__")]));
    await sendBytes(broker.port, session, packet(0xe0, ...(level === 5 ? [0, 0] : [])));
    await expectToServe(broker);
  });

  test("a PUBREL that comes twice is no fault", async () => {
    await using broker = await startDevBroker();
    const properties = level === 5 ? [0] : [];
    const publish = packet(0x34, "a", 0, 7, ...properties);
    const release = packet(0x62, 0, 7);
    const socket = await openSocket(broker.port);
    socket.write(Buffer.concat([connectPacket("desk", level), publish]));
    await vi.waitUntil(() => broker.clientCount === 1, PATIENCE);
    const closed = event(socket, "close");
    socket.write(Buffer.concat([release, release, release, packet(0xe0)]));
    socket.resume();
    await closed;
    await expectToServe(broker);
  });
});

test("garbage in place of WebSocket frames ends the connection only", async () => {
  await using broker = await startDevBroker();
  const handshake = [
    "GET / HTTP/1.1",
    "host: localhost",
    "connection: upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol: mqtt",
  ];
  const unmasked = Buffer.from(`${handshake.join("\r\n")}\r\n\r\n${"~".repeat(64)}`);
  const answer = await sendBytes(broker.wsPort, unmasked, unmasked);
  expect(answer.toString("latin1")).toContain("101 Switching Protocols");
  await expectToServe(broker);
});

const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 4 });
const prefix = fc.constantFrom(
  Buffer.alloc(0),
  connectPacket("desk", 4),
  connectPacket("desk", 5),
  Buffer.concat([connectPacket("desk", 4), Uint8Array.of(0x82)]),
  Buffer.concat([connectPacket("desk", 5), Uint8Array.of(0x32)]),
);

property.prop([prefix, chunks], { numRuns: 40 })(
  "whatever bytes arrive on the TCP port, the broker goes on",
  async (start, garbage) => {
    await using broker = await startDevBroker();
    const socket = await openSocket(broker.port);
    socket.write(start);
    for (const bytes of garbage) socket.write(bytes);
    const closed = event(socket, "close");
    socket.resume().end();
    await closed;
    await expectToServe(broker);
  },
);

property.prop([prefix, chunks], { numRuns: 20 })(
  "whatever bytes arrive in WebSocket frames, the broker goes on",
  async (start, garbage) => {
    await using broker = await startDevBroker();
    const socket = new WebSocket(broker.wsUrl, "mqtt");
    await event(socket, "open");
    socket.on("error", () => {});
    for (const bytes of [start, ...garbage]) socket.send(bytes);
    const closed = event(socket, "close");
    socket.close();
    await closed;
    await expectToServe(broker);
  },
);

property.prop([chunks], { numRuns: 20 })(
  "whatever bytes arrive on the WebSocket port, the broker goes on",
  async (garbage) => {
    await using broker = await startDevBroker();
    const socket = await openSocket(broker.wsPort);
    for (const bytes of garbage) socket.write(bytes);
    const closed = event(socket, "close");
    socket.resume().end();
    await closed;
    await expectToServe(broker);
  },
);
