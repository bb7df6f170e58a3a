import { MQTTClient } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
const broker = await startDevBroker(process.argv[2] ? { wsPort: false } : {});
const c = new MQTTClient({ broker: broker.url }); await c.connect(); console.log(c.state, broker.clientCount, broker.wsUrl);
if (broker.wsUrl) { const d = new MQTTClient({ broker: broker.wsUrl, timeoutMs: 2000 }); await d.connect().then(() => console.log("ws ok"), (e) => console.log(e.message)); await d.disconnect(); }
await c.disconnect(); await broker.close(); console.log("closed");
