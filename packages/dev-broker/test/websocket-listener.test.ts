import { get } from "node:http";
import type { IncomingMessage } from "node:http";
import { text as readText } from "node:stream/consumers";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { startDevBroker } from "../src/index.ts";
import { PATIENCE, event } from "./support/client.ts";
import { connectPacket } from "./support/packets.ts";

const CONNACK_AND_PINGRESP = "20020000d000";

test("the subprotocol mqtt is agreed on, also where others are offered", async () => {
  await using broker = await startDevBroker();
  const socket = new WebSocket(`${broker.wsUrl}/any/path`, ["chat", "mqtt"]);
  await event(socket, "open");
  expect(socket.protocol).toBe("mqtt");
  socket.terminate();
});

test.each([
  { name: "no subprotocol", offered: [] },
  { name: "other subprotocols", offered: ["chat", "mqtts"] },
])("a handshake that offers $name is refused with 400", async ({ offered }) => {
  await using broker = await startDevBroker();
  const socket = new WebSocket(broker.wsUrl, offered);
  const refused = new Promise((resolve) => socket.once("error", resolve));
  expect(await refused).toMatchObject({ message: "Unexpected server response: 400" });
});

test("a plain HTTP request is answered with 426 and a hint", async () => {
  await using broker = await startDevBroker();
  const { statusCode, text } = await httpGet(`http://127.0.0.1:${broker.wsPort}/`);
  expect(statusCode).toBe(426);
  expect(text).toBe('This port speaks MQTT over WebSocket, subprotocol "mqtt".\n');
});

test("a text frame ends the connection [MQTT-6.0.0-1]", async () => {
  await using broker = await startDevBroker();
  const socket = new WebSocket(broker.wsUrl, "mqtt");
  await event(socket, "open");
  const closed = event(socket, "close");
  socket.send(connectPacket("desk", 4).toString("latin1"), { binary: false });
  await closed;
  expect(broker.clientCount).toBe(0);
});

test("a packet may be spread over frames, and a frame may hold several [MQTT-6.0.0-2]", async () => {
  await using broker = await startDevBroker();
  const socket = new WebSocket(broker.wsUrl, "mqtt");
  await event(socket, "open");
  const pingRequest = Uint8Array.of(0xc0, 0x00);
  const bytes = Buffer.concat([connectPacket("desk", 4), pingRequest]);
  const answers: Buffer[] = [];
  socket.on("message", (data: Buffer) => answers.push(data));
  socket.send(bytes.subarray(0, 3));
  socket.send(bytes.subarray(3));
  await expect
    .poll(() => Buffer.concat(answers).toString("hex"), PATIENCE)
    .toBe(CONNACK_AND_PINGRESP);
  socket.terminate();
});

async function httpGet(url: string): Promise<{ statusCode: number | undefined; text: string }> {
  const response = await new Promise<IncomingMessage>((resolve) => get(url, resolve));
  return { statusCode: response.statusCode, text: await readText(response) };
}
