// @ts-check
// A device that serves its resources until it is stopped with Ctrl-C.
// usage: node examples/device.js [host [port]]; see broker.js
import { MQTTClient, PayloadHandler, ResourceRouter } from "gf-mqtt-client";
import * as v from "valibot";
import { broker } from "./broker.js";

const device = new MQTTClient({ broker, identifier: "2D_XX_0_9999" });
const axuv = new ResourceRouter({ subsystem: "axuv" });
let gains = [0, 1, 2, 3, 4];
axuv.use((context, next) => {
  console.log(`${context.method} ${context.path} from ${context.source ?? "somebody"}`);
  return next();
});
axuv.get("gains", () => gains);
axuv.put("gains", { body: v.array(v.number()) }, async ({ body }) => {
  gains = body;
  // Tells whoever listens, without being asked.
  const event = new PayloadHandler().createGeneralPayload({ gains });
  await device.publish(`gf_int_v1/axuv/event/${device.identifier}/gains`, event);
});
axuv.get("samples/:index", ({ params }) => Math.sin(Number(params.index) / 10));
device.addMessageHandler(axuv);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void device.disconnect());
await device.connect();
console.log(`${device.identifier} serves gains and samples/N at ${device.broker}; Ctrl-C ends it`);
