import { mqttTransport } from "gf-mqtt-client";
import type { IncomingMessage, Transport } from "gf-mqtt-client";

/** MQTT, with every message given to a listener as it is, invalid ones included; the client gets none. */
export const tapTransport = (listener: (message: IncomingMessage) => void): Transport => ({
  dial: (request) => mqttTransport.dial({ ...request, onMessage: listener }),
});
