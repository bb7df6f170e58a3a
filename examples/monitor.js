// @ts-check
// Prints every message of a namespace until it is stopped with Ctrl-C.
// usage: node examples/monitor.js [host [port]]; see broker.js
import process from "node:process";
import {
  MQTTClient,
  MessageHandlerBase,
  TopicManager,
  isRequestPayload,
  isResponsePayload,
} from "gf-mqtt-client";
import { broker } from "./broker.js";

const topics = new TopicManager();
const monitor = new MQTTClient({
  broker,
  identifier: "monitor",
  ensureUniqueIdentifier: true,
  subscriptions: [`${topics.namespace}/#`],
});

/** @param {unknown} value */
const short = (value) => {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};

/** @param {import("gf-mqtt-client").Payload} payload */
const describe = (payload) => {
  if (isRequestPayload(payload)) {
    return `${payload.header.method} ${payload.header.path} ${short(payload.body)}`;
  }
  if (isResponsePayload(payload)) {
    return `${payload.header.response_code} ${payload.header.path} ${short(payload.body)}`;
  }
  return short(payload);
};

monitor.addMessageHandler(
  new MessageHandlerBase({
    process: (_client, topic, payload) => {
      const { subsystem, type, target } = topics.getParts(topic) ?? {};
      console.log(`${type}`.padEnd(9), `${target}/${subsystem}`, describe(payload));
    },
  }),
);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void monitor.disconnect());

await monitor.connect();
console.log(`listening to ${topics.namespace}/# at ${monitor.broker}; Ctrl-C ends it`);
