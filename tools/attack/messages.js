// @ts-check
// Mutated messages at both clients: the async one over memory and over TCP, the blocking one over TCP. After every
// batch a good request has to be answered, which tells a client that is deaf.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  MQTTClient,
  MessageHandlerBase,
  RequestHandlerBase,
  ResponseHandlerBase,
} from "gf-mqtt-client";
import { MemoryBroker } from "gf-mqtt-client/testing";
import { startDevBroker } from "gf-mqtt-dev-broker";
import mqtt from "mqtt";
import { messageMaker } from "./mutated-messages.js";
import { fail, randomFrom, readSize, watchProcess } from "./support.js";

/** @typedef {(topic: string, payload: Uint8Array, qos: 0 | 1 | 2) => void} Publish */

const BATCH = 50;
const TIMEOUT_MS = 20_000;
const TOPICS = [
  "gf_int_v1/axuv/request/device/box",
  "gf_int_v1/axuv/request/device/1",
  "gf_int_v1/axuv/response/device/box",
  "gf_int_v1/axuv/response/other/box",
  "gf_int_v1/axuv/event/device/x",
  "gf_int_v1/axuv/request/requester/box",
];
const EVENTS = ["gf_int_v1/+/event/#", "gf_int_v1/axuv/event/#"];
const { count, seed } = readSize(1_000_000);

watchProcess();

/** @param {number} salt - another for every part, so that no two get the same messages */
const sender = (salt) => {
  const random = randomFrom(seed + salt);
  const next = messageMaker(random);
  return (/** @type {Publish} */ publish) => {
    for (let left = BATCH; left > 0; left -= 1) {
      const topic = TOPICS[Math.floor(random() * TOPICS.length)] ?? "";
      publish(topic, next(), random() < 0.6 ? 0 : random() < 0.5 ? 1 : 2);
    }
  };
};

/** @param {{ broker: string, transport?: import("gf-mqtt-client").MQTTClientOptions["transport"] }} place */
const connectPair = async (place) => {
  const common = /** @type {const} */ ({ ...place, logLevel: "silent", timeoutMs: TIMEOUT_MS });
  const device = new MQTTClient({ ...common, identifier: "device", subscriptions: EVENTS });
  device.addMessageHandler(
    new MessageHandlerBase({ process: (_client, _topic, payload) => void JSON.stringify(payload) }),
  );
  let requests = 0;
  device.addMessageHandler(
    new RequestHandlerBase({
      process: async (client, topic, request) => {
        requests += 1;
        const isGood = request.header.path === "good";
        if (!isGood && requests % 7 === 0) throw request.body;
        await client.respond(topic, request, { body: isGood ? request.body : null });
      },
    }),
  );
  const requester = new MQTTClient({ ...common, identifier: "requester", mailbox: "box" });
  requester.addMessageHandler(
    new ResponseHandlerBase({ raiseExceptions: false, process: () => {} }),
  );
  await device.connect();
  await requester.connect();
  for (const client of [device, requester]) {
    client.on("state", (next) => {
      if (next === "reconnecting") fail(`the link of ${client.identifier} was lost`);
    });
  }
  return { device, requester };
};

/** @param {Awaited<ReturnType<typeof connectPair>>} pair @param {number} salt @param {Publish} publish */
const attackPair = async ({ device, requester }, salt, publish) => {
  const send = sender(salt);
  for (let sent = 0; sent < count; sent += BATCH) {
    send(publish);
    const { body } = await requester.request({
      targetDeviceTag: "device",
      subsystem: "axuv",
      path: "good",
      body: { sent },
    });
    if (JSON.stringify(body) !== JSON.stringify({ sent })) fail(`a wrong answer: ${String(body)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await device.disconnect();
  await requester.disconnect();
};

const overMemory = async () => {
  const broker = new MemoryBroker();
  const pair = await connectPair(broker.connection);
  await attackPair(pair, 0, (topic, payload, qos) =>
    broker.publish({ topic, payload, qos, retain: false }),
  );
};

/** @param {(url: string, publish: Publish) => Promise<void>} attack */
const overTcp = async (attack) => {
  const broker = await startDevBroker({ wsPort: false });
  const peer = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
  await attack(broker.url, (topic, payload, qos) => {
    peer.publish(topic, Buffer.from(payload), { qos }, () => {});
  });
  await peer.endAsync(true);
  await broker.close();
};

/** @param {string} url @param {Publish} publish */
const attackBlocking = async (url, publish) => {
  const send = sender(2_000_000);
  const victim = new Worker(new URL("blocking-victim.js", import.meta.url), { workerData: url });
  victim.on("error", (error) => fail("the blocking client's thread ended", error));
  await once(victim, "message");
  for (let sent = 0; sent < count; sent += BATCH) {
    send(publish);
    victim.postMessage(sent);
    const [answer] = await once(victim, "message");
    if (answer !== sent) fail(`a wrong answer to the blocking client: ${String(answer)}`);
  }
  victim.postMessage("end");
  await once(victim, "exit");
};

await overMemory();
console.log(`${count} messages to MQTTClient over memory`);
await overTcp(async (broker, publish) =>
  attackPair(await connectPair({ broker }), 1_000_000, publish),
);
console.log(`${count} messages to MQTTClient over TCP`);
await overTcp(attackBlocking);
console.log(`${count} messages to SyncMQTTClient over TCP`);
if (Object.hasOwn(Object.prototype, "x")) fail("the prototype of all objects was changed");
