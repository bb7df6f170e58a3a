import mqtt from "mqtt";
import type { IPublishPacket } from "mqtt";
import type { BrokerKind, Peer } from "./broker-kind.ts";
import { Hearing } from "./hearing.ts";
import type { Heard } from "./hearing.ts";

const propertiesOf = ({ properties = {} }: IPublishPacket): NonNullable<Heard["properties"]> => ({
  responseTopic: properties.responseTopic,
  correlationData: properties.correlationData?.toString("utf8"),
  expirySeconds: properties.messageExpiryInterval,
});

/** Connects a bare MQTT.js client. */
export const connectMqttPeer = async (
  url: string,
  protocol: BrokerKind["protocol"],
): Promise<Peer> => {
  const protocolVersion = protocol === "5" ? 5 : 4;
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, protocolVersion });
  const hearing = new Hearing();
  // An "error" without a listener ends the process, and a broker that goes is part of some tests.
  client.on("error", () => {});
  client.on("message", (topic, payload, packet) => {
    const { qos, retain } = packet;
    const text = payload.toString("utf8");
    hearing.hear({ topic, text, qos, retain, properties: propertiesOf(packet) });
  });
  return {
    send: ({ topic, payload, qos = 0, retain = false }) => {
      client.publish(topic, Buffer.from(payload), { qos, retain });
    },
    publish: async ({ topic, payload, qos = 0, retain = false }) => {
      await client.publishAsync(topic, Buffer.from(payload), { qos, retain });
    },
    listen: async (filter, qos = 0) => {
      const heard = hearing.listen(filter);
      await client.subscribeAsync(filter, { qos });
      return heard;
    },
    close: async () => {
      if (client.connected) await client.endAsync();
      else await client.endAsync(true);
    },
  };
};
