import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { startDevBroker } from "gf-mqtt-dev-broker";
import mqtt from "mqtt";
import { expect, test } from "vitest";
import { startLegacyFront } from "./legacy-broker.ts";

// A loaded machine takes its time; the default of a second is too short for it.
const PATIENCE = { timeout: 5_000 };

const MQTT_5_CONNECT = Buffer.from("100f00044d515454050200000000026765", "hex");

async function bytesUntilEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => chunks.push(bytes));
  await once(socket, "close");
  return Buffer.concat(chunks).toString("hex");
}

test("refuse answers MQTT 5 with return code 1 in the form of 3.1.1 and hangs up", async () => {
  await using broker = await startDevBroker();
  await using front = await startLegacyFront(broker.port, "refuse");
  const socket = connect({ port: front.port, host: "127.0.0.1" });
  socket.write(MQTT_5_CONNECT);
  expect(await bytesUntilEnd(socket)).toBe("20020001");
  expect(broker.clientCount).toBe(0);
});

test("hang-up answers MQTT 5 with nothing", async () => {
  await using broker = await startDevBroker();
  await using front = await startLegacyFront(broker.port, "hang-up");
  const socket = connect({ port: front.port, host: "127.0.0.1" });
  socket.write(MQTT_5_CONNECT);
  expect(await bytesUntilEnd(socket)).toBe("");
});

test("a CONNECT that comes byte by byte is understood", async () => {
  await using broker = await startDevBroker();
  await using front = await startLegacyFront(broker.port, "refuse");
  const socket = connect({ port: front.port, host: "127.0.0.1", noDelay: true });
  const answer = bytesUntilEnd(socket);
  for (const byte of MQTT_5_CONNECT) {
    if (socket.writable) await new Promise((sent) => socket.write(Uint8Array.of(byte), sent));
  }
  expect(await answer).toBe("20020001");
});

test.each(["refuse", "hang-up"] as const)("%s passes MQTT 3.1.1 on", async (mode) => {
  await using broker = await startDevBroker();
  await using front = await startLegacyFront(broker.port, mode);
  const client = await mqtt.connectAsync(front.url, { protocolVersion: 4, reconnectPeriod: 0 });
  const message = new Promise((resolve) => {
    client.on("message", (topic, payload) => resolve([topic, String(payload)]));
  });
  await client.subscribeAsync("lab/+");
  await client.publishAsync("lab/door", "open");
  expect(await message).toEqual(["lab/door", "open"]);
  expect(broker.clientCount).toBe(1);
  await client.endAsync();
  await expect.poll(() => broker.clientCount, PATIENCE).toBe(0);
});

test("levels tells what was asked for, in order", async () => {
  await using broker = await startDevBroker();
  await using front = await startLegacyFront(broker.port, "hang-up");
  const socket = connect({ port: front.port, host: "127.0.0.1" });
  socket.write(MQTT_5_CONNECT);
  await bytesUntilEnd(socket);
  const client = await mqtt.connectAsync(front.url, { protocolVersion: 4, reconnectPeriod: 0 });
  await client.endAsync();
  expect(front.levels).toEqual([5, 4]);
});

test("the broker's end is the client's end", async () => {
  await using broker = await startDevBroker();
  await using front = await startLegacyFront(broker.port, "refuse");
  const client = await mqtt.connectAsync(front.url, { protocolVersion: 4, reconnectPeriod: 0 });
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  await broker.close();
  await closed;
  expect(client.connected).toBe(false);
});
