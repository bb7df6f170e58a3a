// @ts-check
import { MQTTClient, RequestHandlerBase, TopicManager } from "gf-mqtt-client";
import { SUBSYSTEM, responseTo } from "./payload.js";
import { serveSide } from "./serve.js";

const { role, url, protocolVersion, qos, targets, responseRouting } = JSON.parse(
  process.argv[2] ?? "{}",
);

/** @param {string | undefined} identifier */
const connect = async (identifier) => {
  const client = new MQTTClient({
    broker: url,
    protocolVersion,
    qosDefault: qos,
    timeoutMs: 60_000,
    maxConcurrentRequests: 1_000,
    maxQueuedRequests: 100_000,
    identifier,
    ...(responseRouting === undefined ? {} : { responseRouting }),
  });
  await client.connect();
  return client;
};

const serveAsDevice = async () => {
  const topics = new TopicManager();
  const [first, ...others] = targets;
  const client = await connect(first);
  client.addMessageHandler(
    new RequestHandlerBase({
      process: (_client, topic, payload) =>
        client.publish(topics.buildResponseTopic(topic), responseTo(/** @type {any} */ (payload))),
      propagate: false,
    }),
  );
  for (const target of others) await client.subscribe(topics.buildRequestFilter(target));
  serveSide({ close: () => client.disconnect() });
};

const serveAsRequester = async () => {
  const client = await connect(undefined);
  serveSide({
    request: async ({ target, body }) => {
      await client.request({ targetDeviceTag: target, subsystem: SUBSYSTEM, path: "gains", body });
    },
    close: () => client.disconnect(),
  });
};

await (role === "device" ? serveAsDevice() : serveAsRequester());
