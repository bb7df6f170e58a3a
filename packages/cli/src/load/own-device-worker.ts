import { parentPort, workerData } from "node:worker_threads";

import { MQTTClient, ResourceRouter } from "gf-mqtt-client";
import type { MQTTClientOptions } from "gf-mqtt-client";

/** A device that answers every request with the body that it came with, in a thread of its own. */
const serve = async (options: MQTTClientOptions, subsystem: string): Promise<void> => {
  const device = new MQTTClient(options);
  const router = new ResourceRouter({ subsystem });
  for (const method of ["get", "put", "post", "delete"] as const) {
    router[method]("**", ({ body }) => body ?? "ready");
  }
  device.addMessageHandler(router);
  await device.connect();
  parentPort?.postMessage("serving");
  parentPort?.once("message", () => {
    void device.disconnect().then(() => {
      parentPort?.close();
    });
  });
};

// Whoever starts this worker gives it exactly these.
const { options, subsystem } = workerData as { options: MQTTClientOptions; subsystem: string };
void serve(options, subsystem);
