// @ts-check
// One client asks another one through a broker, over TCP and over WebSocket, and the process ends by itself.
// usage: node smoke.js [broker URL]...; without a URL it starts the embedded broker.
import assert from "node:assert/strict";
import { argv } from "node:process";
import { MQTTClient, PayloadHandler, RequestHandlerBase, TopicManager } from "gf-mqtt-client";

const GAINS = [1, 2.5, -3];
const topics = new TopicManager();
const payloads = new PayloadHandler();

const answerGains = new RequestHandlerBase({
  process: async (client, topic, { header }) => {
    const { path, request_id: requestId } = header;
    const response = payloads.createResponsePayload(205, path, requestId, GAINS);
    await client.publish(topics.buildResponseTopic(topic), response);
  },
});

/** @param {string} broker */
const exchange = async (broker) => {
  const device = new MQTTClient({ broker, identifier: "smoke_device" });
  const requester = new MQTTClient({ broker, identifier: "smoke_requester" });
  try {
    device.addMessageHandler(answerGains);
    await device.connect();
    await requester.connect();
    const request = { targetDeviceTag: "smoke_device", subsystem: "smoke", path: "gains" };
    const { header, body } = await requester.request(request);
    assert.deepEqual([header.response_code, body], [205, GAINS]);
  } finally {
    await requester.disconnect();
    await device.disconnect();
  }
  console.log(`ok: ${new URL(broker).protocol}`);
};

/** @param {readonly string[]} brokers */
const exchangeOverAll = async (brokers) => {
  for (const broker of brokers) await exchange(broker);
};

const given = argv.slice(2);
if (given.length > 0) {
  await exchangeOverAll(given);
} else {
  const { startDevBroker } = await import("gf-mqtt-dev-broker");
  const broker = await startDevBroker();
  try {
    await exchangeOverAll([broker.url, broker.wsUrl]);
  } finally {
    await broker.close();
  }
}
