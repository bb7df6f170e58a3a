// @ts-check
// Requests with ids of 1 MB each, at a device with a small heap: none is carried out, none is remembered.
import { MQTTClient, RequestHandlerBase } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import mqtt from "mqtt";
import { fail, readSize, watchProcess } from "./support.js";

const ID_BYTES = 1_000_000;
/** How many are on their way at once. */
const AT_ONCE = 20;
const { count } = readSize(600);

watchProcess();

const broker = await startDevBroker({ wsPort: false });
const common = /** @type {const} */ ({
  broker: broker.url,
  logLevel: "silent",
  timeoutMs: 20_000,
});
const device = new MQTTClient({ ...common, identifier: "device", maxPayloadBytes: 10_000_000 });
let carriedOut = 0;
device.addMessageHandler(
  new RequestHandlerBase({
    process: async (client, topic, request) => {
      if (request.header.path !== "good") carriedOut += 1;
      await client.respond(topic, request, { body: request.body });
    },
  }),
);
const requester = new MQTTClient(common);
await device.connect();
await requester.connect();
const peer = await mqtt.connectAsync(broker.url);

/** @param {number} number */
const send = async (number) => {
  const id = `${number}-`.padEnd(ID_BYTES, "x");
  const payload = `{"timestamp":1,"body":null,"header":{"method":1,"path":"long","request_id":"${id}"}}`;
  await peer.publishAsync(`gf_int_v1/axuv/request/device/long`, payload, { qos: 1 });
};
for (let sent = 0; sent < count; sent += AT_ONCE) {
  const batch = Math.min(AT_ONCE, count - sent);
  await Promise.all(Array.from({ length: batch }, (_none, index) => send(sent + index)));
  const target = { targetDeviceTag: "device", subsystem: "axuv", path: "good" };
  const { body } = await requester.request({ ...target, body: sent });
  if (body !== sent) fail(`a wrong answer: ${String(body)}`);
}
if (carriedOut > 0) fail(`${carriedOut} requests with ids of ${ID_BYTES} bytes were carried out`);
await device.disconnect();
await requester.disconnect();
await peer.endAsync(true);
await broker.close();
console.log(`${count} requests refused, ${Math.ceil(count / AT_ONCE)} good ones answered`);
