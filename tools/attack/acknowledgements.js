// @ts-check
// A broker that loses one acknowledgement, of every kind in turn, at a random moment: every call is settled, and a good
// request is answered afterwards.
import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { MQTTClient, RequestHandlerBase } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { packetsOf } from "./frames.js";
import { fail, randomFrom, readSize, watchProcess } from "./support.js";

/** First four bits of what a broker sends to acknowledge, MQTT 5 §2.1.2. */
const KINDS = {
  CONNACK: 2,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBACK: 9,
  UNSUBACK: 11,
  PINGRESP: 13,
};
const TIMEOUT_MS = 1_500;
const KEEP_ALIVE_MS = 1_000;
/** By when all calls are settled, and by when a lost PINGRESP shows. */
const SETTLED_MS = 8_000;
const GOOD_MS = 20_000;
const { count, seed } = readSize(20);

watchProcess();

const broker = await startDevBroker({ wsPort: false });
const device = new MQTTClient({ broker: broker.url, identifier: "device", logLevel: "silent" });
device.addMessageHandler(
  new RequestHandlerBase({
    process: (client, topic, request) => client.respond(topic, request, { body: request.body }),
  }),
);
await device.connect();

/** A way to the broker on which the acknowledgement that comes as the `nth` of its kind is lost.
 * @param {number} kind @param {number} nth */
const openLossyWay = async (kind, nth) => {
  const way = { lost: 0 };
  let seen = 0;
  const server = createServer((socket) => {
    const onward = createConnection(broker.port, "127.0.0.1");
    for (const end of [socket, onward]) end.on("error", () => {});
    socket.on("data", (bytes) => void onward.write(bytes));
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
    onward.on(
      "data",
      packetsOf((first, _body, whole) => {
        if (first >> 4 === kind && (seen += 1) === nth) way.lost += 1;
        else socket.write(whole);
      }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { way, port, server };
};

/** What the client is asked to do, with every acknowledgement in it. @param {MQTTClient} client */
const calls = (client) => [
  ...[0, 1, 2].flatMap((qos) => [
    client.request({
      targetDeviceTag: "device",
      subsystem: "axuv",
      path: "gains",
      body: qos,
      qos: /** @type {0 | 1 | 2} */ (qos),
    }),
    client.publish("events/attack", {}, { qos: /** @type {0 | 1 | 2} */ (qos) }),
  ]),
  (async () => {
    await client.subscribe("events/#", { qos: 2 });
    await client.publish("events/own", {}, { qos: 2 });
    await client.unsubscribe("events/#");
  })(),
];

/** @template T @param {Promise<T>} promise @param {string} name @returns {Promise<T>} */
const settled = async (promise, name) => {
  const timer = setTimeout(() => fail(`${name}: a call is not settled`), SETTLED_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
};

const tally = { rejected: 0, lost: 0 };

/** @param {string} name @param {number} kind @param {number} nth */
const attack = async (name, kind, nth) => {
  const { way, port, server } = await openLossyWay(kind, nth);
  const client = new MQTTClient({
    broker: "127.0.0.1",
    port,
    logLevel: "silent",
    timeoutMs: TIMEOUT_MS,
    keepAliveMs: KEEP_ALIVE_MS,
    reconnect: { minDelayMs: 1, maxDelayMs: 20 },
  });
  try {
    await settled(client.connect(), name);
  } catch {
    tally.rejected += 1;
    await settled(client.connect(), `${name}, second attempt`);
  }
  const until = Date.now() + SETTLED_MS;
  while (way.lost === 0 && Date.now() < until) {
    // A link is probed when it is quiet.
    const made = name === "PINGRESP" ? [] : calls(client);
    const ends = await settled(Promise.allSettled(made), name);
    tally.rejected += ends.filter(({ status }) => status === "rejected").length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  tally.lost += way.lost;
  if (way.lost === 0) fail(`${name}: nothing of this kind came, so nothing was lost`);
  const target = { targetDeviceTag: "device", subsystem: "other", path: "good" };
  const { body } = await client
    .request({ ...target, body: name, timeoutMs: GOOD_MS })
    .catch((/** @type {unknown} */ error) => fail(`${name}: deaf afterwards`, error));
  if (body !== name) fail(`${name}: a wrong answer: ${String(body)}`);
  await settled(client.disconnect(), name);
  server.close();
};

const random = randomFrom(seed);
for (let round = 0; round < count; round += 1) {
  await Promise.all(
    Object.entries(KINDS).map(([name, kind]) => {
      const isRare = name === "CONNACK" || name === "PINGRESP";
      return attack(name, kind, isRare ? 1 : 1 + Math.floor(random() * 6));
    }),
  );
}
await device.disconnect();
await broker.close();
console.log(
  `${tally.lost} lost, ${tally.rejected} calls rejected; nothing deaf, nothing unsettled`,
);
