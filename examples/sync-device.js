// @ts-check
// A device written with the blocking client: publishes a sample every second and serves its gains
// meanwhile, until it is stopped with Ctrl-C.
// usage: node examples/sync-device.js [host [port]]; see broker.js
import { PayloadHandler, SyncMQTTClient, SyncResourceRouter } from "gf-mqtt-client";
import * as v from "valibot";
import { broker } from "./broker.js";

const device = new SyncMQTTClient({ broker, identifier: "2D_XX_0_9999" });
const axuv = new SyncResourceRouter({ subsystem: "axuv" });
let gains = [0, 1, 2, 3, 4];
axuv.use((context, next) => {
  console.log(`${context.method} ${context.path} from ${context.source ?? "somebody"}`);
  return next();
});
axuv.get("gains", () => gains);
axuv.put("gains", { body: v.array(v.number()) }, ({ body }) => void (gains = body));
device.addMessageHandler(axuv);

device.on("state", (state, previous) => console.log(`${previous} -> ${state}`));
device.connect();
console.log(`${device.identifier} serves gains at ${device.broker}; Ctrl-C ends it`);
for (let count = 0; ; count += 1) {
  // Nobody waits for a sample: what cannot be sent is left out.
  const sample = new PayloadHandler().createGeneralPayload(Math.sin(count / 10));
  device.publish(`gf_int_v1/axuv/event/${device.identifier}/sample`, sample, { wait: false });
  device.sleep(1_000); // requests are handled meanwhile
}
