// @ts-check
// A blocking client that asks itself a good request whenever it is told to.
import { parentPort, workerData } from "node:worker_threads";
import {
  SyncMQTTClient,
  SyncMessageHandlerBase,
  SyncRequestHandlerBase,
  SyncResponseHandlerBase,
} from "gf-mqtt-client";

const client = new SyncMQTTClient({
  broker: String(workerData),
  identifier: "device",
  mailbox: "box",
  subscriptions: ["gf_int_v1/+/event/#", "gf_int_v1/axuv/event/#"],
  logLevel: "silent",
  timeoutMs: 20_000,
});
client.addMessageHandler(
  new SyncMessageHandlerBase({
    process: (_client, _topic, payload) => void JSON.stringify(payload),
  }),
);
let requests = 0;
client.addMessageHandler(
  new SyncRequestHandlerBase({
    process: (self, topic, request) => {
      requests += 1;
      const isGood = request.header.path === "good";
      if (!isGood && requests % 7 === 0) throw request.body;
      self.respond(topic, request, { body: isGood ? request.body : null });
    },
  }),
);
client.addMessageHandler(
  new SyncResponseHandlerBase({ raiseExceptions: false, process: () => {} }),
);
client.connect();
parentPort?.on("message", (message) => {
  if (message === "end") {
    client.disconnect();
    parentPort?.close();
    return;
  }
  const { body } = client.request({
    targetDeviceTag: "device",
    subsystem: "axuv",
    path: "good",
    body: message,
  });
  parentPort?.postMessage(body);
});
parentPort?.postMessage("connected");
