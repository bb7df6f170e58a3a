import type { IncomingMessage, ProtocolLevel } from "./transport.ts";
import { readVarInt } from "./var-int.ts";

const PUBLISH = 0x30;
const RETAIN = 0x01;

// MQTT keeps a byte order mark in its texts (MQTT 5 §1.5.4).
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Where the payload begins: after the properties, if there are any. Undefined where these are not right. */
const payloadStart = (packet: Uint8Array, at: number, level: ProtocolLevel): number | undefined => {
  if (level === 4) return at;
  const properties = readVarInt(packet, at);
  return properties ? properties.end + properties.value : undefined;
};

/**
 * Reads a PUBLISH with QoS 0 (MQTT 5 §3.3), given as one whole packet; its properties are passed over. Undefined
 * for every other packet, and for one that is not as it should be.
 */
export const decodeUnacknowledged = (
  packet: Uint8Array,
  level: ProtocolLevel,
): IncomingMessage | undefined => {
  const [first = 0] = packet;
  if (first !== PUBLISH && first !== (PUBLISH | RETAIN)) return undefined;
  const length = readVarInt(packet, 1);
  if (!length) return undefined;
  const topicAt = length.end + 2;
  const topicEnd = topicAt + (packet[length.end] ?? 0) * 0x100 + (packet[length.end + 1] ?? 0);
  // Without a topic it has an alias for one, which this library never asks for (MQTT 5 §3.3.2.3.4).
  if (topicEnd === topicAt) return undefined;
  const start = payloadStart(packet, topicEnd, level);
  // A topic that is longer than the packet ends up here, too.
  if (start === undefined || start > packet.length) return undefined;
  return {
    topic: utf8.decode(packet.subarray(topicAt, topicEnd)),
    payload: packet.subarray(start),
    qos: 0,
    retain: first !== PUBLISH,
    duplicate: false,
  };
};
