// @ts-check
// The echo that somebody would write by hand on MQTT.js: a fixed mailbox, JSON, no checks.
import { randomUUID } from "node:crypto";
import mqtt from "mqtt";
import { NAMESPACE, SUBSYSTEM, requestOf, responseTo } from "./payload.js";
import { serveSide } from "./serve.js";

const { role, url, protocolVersion, qos, targets } = JSON.parse(process.argv[2] ?? "{}");

const client = await mqtt.connectAsync(url, { protocolVersion, reconnectPeriod: 0 });
if ("setNoDelay" in client.stream && typeof client.stream.setNoDelay === "function") {
  client.stream.setNoDelay(true);
}
client.stream.setMaxListeners(0);

const serveAsDevice = async () => {
  client.on("message", (topic, bytes) => {
    const response = responseTo(JSON.parse(bytes.toString()));
    client.publish(topic.replace("/request/", "/response/"), JSON.stringify(response), { qos });
  });
  for (const target of targets) await client.subscribeAsync(`${NAMESPACE}/+/request/${target}/+`, { qos });
  serveSide({ close: () => client.endAsync(true) });
};

const serveAsRequester = async () => {
  const mailbox = randomUUID();
  /** @type {Map<string, (response: unknown) => void>} */
  const waiting = new Map();
  client.on("message", (_topic, bytes) => {
    const response = JSON.parse(bytes.toString());
    const resolve = waiting.get(response.header.request_id);
    waiting.delete(response.header.request_id);
    resolve?.(response);
  });
  await client.subscribeAsync(`${NAMESPACE}/+/response/+/${mailbox}`, { qos });
  serveSide({
    request: ({ target, body }) =>
      new Promise((resolve) => {
        const { requestId, payload } = requestOf(body);
        waiting.set(requestId, () => resolve());
        const topic = `${NAMESPACE}/${SUBSYSTEM}/request/${target}/${mailbox}`;
        client.publish(topic, JSON.stringify(payload), { qos });
      }),
    close: () => client.endAsync(true),
  });
};

await (role === "device" ? serveAsDevice() : serveAsRequester());
