import { parentPort } from "node:worker_threads";

import { startDevBroker } from "gf-mqtt-dev-broker";

import { startInstrument } from "../instrument/start-instrument.ts";

/** A broker and an instrument, in a thread of their own: a blocking client holds its thread while it waits for them. */
const broker = await startDevBroker();
const device = await startInstrument(broker.url);
parentPort?.postMessage(broker.url);
parentPort?.once("message", () => {
  void (async () => {
    await device.disconnect();
    await broker.close();
    parentPort?.postMessage("closed");
  })();
});
