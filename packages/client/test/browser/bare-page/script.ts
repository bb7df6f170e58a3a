// What this module sets up has to be there when the others are loaded.
import { pauseAtFullSocket, subscribeSent, workerCount } from "./surroundings.ts";
import { MQTTBrokerConfig, MQTTClient } from "gf-mqtt-client";
import mqtt from "mqtt";

const BROKER = "ws://127.0.0.1";

/** What the surroundings noticed of a client. */
export interface Notice {
  readonly workers: number;
  readonly pauseAtFullSocketMs: number | undefined;
}

const notice = (): Notice => ({
  workers: workerCount(),
  pauseAtFullSocketMs: pauseAtFullSocket(),
});

/** Connects a client. */
export const connectClient = async (): Promise<Notice> => {
  const client = new MQTTClient({ broker: BROKER });
  const connecting = client.connect();
  // Nobody grants what it subscribes to, so it does not come as far as being connected.
  await Promise.race([connecting, subscribeSent]);
  await client.disconnect();
  await Promise.allSettled([connecting]);
  return notice();
};

/** Connects with MQTT.js as it is without our settings. */
export const connectBare = async (): Promise<Notice> => {
  const client = mqtt.connect(BROKER, { protocolVersion: 5 });
  await new Promise((resolve, reject) => {
    client.once("connect", resolve);
    client.once("error", reject);
  });
  client.subscribe("a");
  await subscribeSent;
  client.end(true);
  return notice();
};

/** Reads a configuration, which looks into the environment where there is one. */
export const readConfig = (): MQTTBrokerConfig =>
  new MQTTBrokerConfig({ hostname: "ws://127.0.0.1", port: 8083 });
