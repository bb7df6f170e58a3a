import type { OutgoingMessage } from "./transport.ts";

const PACKET_TOO_LARGE = 0x95;
const RETAIN_NOT_SUPPORTED = 0x9a;
const QOS_NOT_SUPPORTED = 0x9b;

/** What the broker said in CONNACK about what it takes (MQTT 5 §3.2.2.3). */
export interface BrokerLimits {
  readonly receiveMaximum?: number;
  readonly maximumQoS?: number;
  readonly retainAvailable?: boolean;
  readonly maximumPacketSize?: number;
}

/** The longest packet that there is: type, length, and as many bytes as the length can say (MQTT 5 §2.1.4). */
const LARGEST_PACKET_BYTES = 268_435_460;
/** Fixed header, packet identifier, property and string lengths: more than they ever take beside the texts. */
const PACKET_OVERHEAD_BYTES = 64;
const MOST_UTF8_BYTES_PER_UNIT = 3;

const exceeds = (message: OutgoingMessage, packetLimit: number): boolean => {
  const limit = packetLimit - PACKET_OVERHEAD_BYTES;
  const { topic, payload, responseTopic = "", correlationData = "" } = message;
  const text = topic.length + payload.length + responseTopic.length + correlationData.length;
  if (text > limit) return true;
  if (text * MOST_UTF8_BYTES_PER_UNIT <= limit) return false;
  return new TextEncoder().encode(topic + payload + responseTopic + correlationData).length > limit;
};

/**
 * Why the broker would close the connection over this message, as an MQTT 5 reason code (§3.2.2.3);
 * undefined where it takes it.
 */
export const refusalCode = (message: OutgoingMessage, limits: BrokerLimits): number | undefined => {
  const { maximumQoS, retainAvailable, maximumPacketSize = LARGEST_PACKET_BYTES } = limits;
  if (maximumQoS !== undefined && message.qos > maximumQoS) return QOS_NOT_SUPPORTED;
  if (retainAvailable === false && message.retain) return RETAIN_NOT_SUPPORTED;
  if (exceeds(message, maximumPacketSize)) return PACKET_TOO_LARGE;
  return undefined;
};
