import { parentPort } from "node:worker_threads";

import { MQTTClient } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";

import { createInstrument } from "../instrument/instrument-router.ts";

/** A broker and an instrument, in a thread of their own: a blocking client holds its thread while it waits for them. */
const broker = await startDevBroker();
const device = new MQTTClient({
  broker: broker.url,
  identifier: "2D_XX_0_9999",
  presence: true,
});
device.addMessageHandler(createInstrument());
await device.connect();
parentPort?.postMessage(broker.url);
parentPort?.once("message", () => {
  void (async () => {
    await device.disconnect();
    await broker.close();
    parentPort?.postMessage("closed");
  })();
});
