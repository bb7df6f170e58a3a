// @ts-check
// Requests that are withdrawn while the broker takes nothing: all of them are settled, the device carries out no more
// than the kernel can have held, and the requester is answered when the broker takes bytes again.
import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { MQTTClient, RequestHandlerBase } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { fail, readSize, watchProcess } from "./support.js";

const BODY_BYTES = 500_000;
/** What two socket buffers hold at most, where nobody has set them up to hold more. */
const KERNEL_BYTES = 16 * 1024 * 1024;
const WITHDRAWN_AFTER_MS = 300;
const { count } = readSize(200);

watchProcess();

const broker = await startDevBroker({ wsPort: false });
/** @type {Set<import("node:net").Socket>} */
const sockets = new Set();
let takesNothing = false;
const proxy = createServer((socket) => {
  const onward = createConnection(broker.port, "127.0.0.1");
  sockets.add(socket);
  for (const end of [socket, onward]) end.on("error", () => {});
  socket.on("close", () => {
    sockets.delete(socket);
    onward.end();
  });
  onward.on("close", () => socket.destroy());
  socket.on("data", (bytes) => void onward.write(bytes));
  onward.on("data", (bytes) => void socket.write(bytes));
  if (takesNothing) socket.pause();
});
proxy.listen(0, "127.0.0.1");
await once(proxy, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (proxy.address());

const device = new MQTTClient({ broker: broker.url, identifier: "device", logLevel: "silent" });
let carriedOut = 0;
device.addMessageHandler(
  new RequestHandlerBase({
    process: async (client, topic, request) => {
      if (request.header.path === "withdrawn") carriedOut += 1;
      await client.respond(topic, request, { body: null });
    },
  }),
);
await device.connect();
const requester = new MQTTClient({
  broker: "127.0.0.1",
  port,
  logLevel: "silent",
  reconnect: { minDelayMs: 1, maxDelayMs: 50 },
});
await requester.connect();
const target = { targetDeviceTag: "device", subsystem: "axuv" };
await requester.request({ ...target, path: "good" });

takesNothing = true;
for (const socket of sockets) socket.pause();
const body = "x".repeat(BODY_BYTES);
const ends = await Promise.allSettled(
  Array.from({ length: count }, (_none, index) =>
    requester.request({
      ...target,
      path: "withdrawn",
      body,
      qos: /** @type {0 | 1 | 2} */ (index % 3),
      ...(index % 2 === 0
        ? { timeoutMs: WITHDRAWN_AFTER_MS }
        : { timeoutMs: 60_000, signal: AbortSignal.timeout(WITHDRAWN_AFTER_MS) }),
    }),
  ),
);
const answered = ends.filter(({ status }) => status === "fulfilled").length;
if (answered > 0) fail(`${answered} requests were answered by a broker that takes nothing`);

takesNothing = false;
for (const socket of sockets) socket.resume();
await requester.request({ ...target, path: "good", timeoutMs: 20_000 });
await device.disconnect();
if (carriedOut * BODY_BYTES > KERNEL_BYTES) {
  fail(`${carriedOut} of ${count} withdrawn requests were carried out, more than the kernel holds`);
}
await requester.disconnect();
proxy.close();
await broker.close();
console.log(`${count} withdrawn, ${carriedOut} of them were in the kernel's hands; nothing deaf`);
