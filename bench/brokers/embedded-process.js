// @ts-check
// The embedded broker in a process of its own, as Mosquitto is.
import { startDevBroker } from "gf-mqtt-dev-broker";
import { serveCommands } from "../sides/commands.js";

const broker = await startDevBroker({ wsPort: false });
serveCommands({ url: () => broker.url, close: () => broker.close() });
