// @ts-check
// Which broker the examples use: `node examples/device.js [host [port]]`, else what the environment
// says (MQTT_BROKER_HOSTNAME, MQTT_BROKER_PORT, MQTT_BROKER_USERNAME, MQTT_BROKER_PASSWORD), else
// one on this machine.
import { argv, env } from "node:process";
import { MQTTBrokerConfig } from "gf-mqtt-client";

const [, , host, port] = argv;

export const broker = new MQTTBrokerConfig({
  hostname: host ?? env["MQTT_BROKER_HOSTNAME"] ?? "127.0.0.1",
  port: port === undefined ? undefined : Number(port),
});
