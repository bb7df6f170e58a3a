// @ts-check
// The other end, in a process of its own: a broker, and a device that answers whatever it is asked.
import { MQTTClient, RequestHandlerBase } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";

const broker = await startDevBroker({ wsPort: false });
const device = new MQTTClient({ broker: broker.url, identifier: "device" });
device.addMessageHandler(
  new RequestHandlerBase({
    process: (client, topic, request) => client.respond(topic, request, { body: [0, 1, 2] }),
  }),
);
await device.connect();
process.once("disconnect", () => {
  void device.disconnect().then(() => broker.close());
});
process.send?.(broker.url);
