import type { Packet } from "mqtt";

/** What a packet is about: topics and codes, no payloads and no credentials. */
const details = (packet: Packet): string => {
  switch (packet.cmd) {
    case "connack":
      return String(packet.reasonCode ?? packet.returnCode ?? 0);
    case "publish":
      return `${packet.topic}, QoS ${String(packet.qos)}${packet.retain ? ", retained" : ""}`;
    case "subscribe":
      return packet.subscriptions.map(({ topic }) => topic).join(" ");
    case "suback":
      return packet.granted.map(String).join(" ");
    case "unsubscribe":
      return packet.unsubscriptions.join(" ");
    case "puback":
    case "pubrec":
    case "disconnect":
      return packet.reasonCode === undefined ? "" : String(packet.reasonCode);
    default:
      return "";
  }
};

/** A packet in one line. */
export const packetText = (packet: Packet): string =>
  `${packet.cmd.toUpperCase()} ${details(packet)}`.trimEnd();
