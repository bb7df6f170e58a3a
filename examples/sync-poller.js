// @ts-check
// Reads the gains of the device of device.js or sync-device.js every two seconds, until it is stopped
// with Ctrl-C. The calls block: no await.
// usage: node examples/sync-poller.js [host [port]]; see broker.js
import { ResponseException, SyncMQTTClient, SyncResponseHandlerBase } from "gf-mqtt-client";
import { broker } from "./broker.js";

const client = new SyncMQTTClient({
  broker,
  identifier: "poller",
  ensureUniqueIdentifier: true,
  timeoutMs: 1_000,
});

client.addMessageHandler(
  new SyncResponseHandlerBase({
    process: (_client, _topic, { header }) => {
      console.log(`response ${header.response_code} for ${header.path}`);
    },
    propagate: false,
  }),
);

client.connect();
console.log(`${client.identifier} polls at ${client.broker}; Ctrl-C ends it`);
const axuv = client.device("2D_XX_0_9999", "axuv");

for (;;) {
  try {
    console.log("gains:", axuv.get("gains").body);
  } catch (error) {
    // Error codes, and no answer in time: the next round may do better.
    if (!(error instanceof ResponseException)) throw error;
    console.error(error.message);
  }
  client.sleep(2_000);
}
