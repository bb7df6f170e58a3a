import type { Frame } from "./packet-frames.ts";
import { PROTOCOL_ERROR, ProtocolFault, readVarInt } from "./packet-frames.ts";
import { Property, readProperties } from "./packet-properties.ts";
import { PacketType } from "./packet-type.ts";
import type { IncomingMessage, ProtocolLevel, QoS } from "./transport.ts";

const RETAIN = 0x01;
const DUPLICATE = 0x08;

/** A PUBLISH as it came. */
export interface IncomingPublish {
  readonly message: IncomingMessage;
  /** 0 with QoS 0. */
  readonly messageId: number;
}

// MQTT keeps a byte order mark in its texts (MQTT 5 §1.5.4).
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const readUint16 = (packet: Uint8Array, at: number): number =>
  (packet[at] ?? 0) * 0x100 + (packet[at + 1] ?? 0);

const qosOf = (firstByte: number): QoS => {
  const qos = (firstByte >> 1) & 0x03;
  if (qos === 0 || qos === 1 || qos === 2) return qos;
  throw new ProtocolFault("a PUBLISH with QoS 3");
};

/** What stands before the payload. */
interface PayloadStart {
  readonly at: number;
  readonly expiryMs: number | undefined;
}

/** Where the payload begins: behind the properties, if there are any. */
const payloadStart = (packet: Uint8Array, at: number, level: ProtocolLevel): PayloadStart => {
  if (level === 4) return { at, expiryMs: undefined };
  const length = readVarInt(packet, at);
  const end = length === undefined ? Infinity : length.end + length.value;
  if (length === undefined || end > packet.length) {
    throw new ProtocolFault("a PUBLISH that is shorter than its properties");
  }
  if (length.value === 0) return { at: end, expiryMs: undefined };
  const section = { at: length.end, end, type: PacketType.PUBLISH };
  const expiry = readProperties(packet, section).get(Property.MESSAGE_EXPIRY);
  return { at: end, expiryMs: typeof expiry === "number" ? expiry * 1_000 : undefined };
};

/**
 * Reads a PUBLISH (MQTT 5 §3.3). A topic that is no UTF-8 is read with replacement characters.
 *
 * @throws {ProtocolFault} it is not as it should be.
 */
export const decodePublish = ({ packet, bodyAt }: Frame, level: ProtocolLevel): IncomingPublish => {
  const [first = 0] = packet;
  const qos = qosOf(first);
  const topicAt = bodyAt + 2;
  const topicEnd = topicAt + readUint16(packet, bodyAt);
  const idEnd = qos === 0 ? topicEnd : topicEnd + 2;
  if (idEnd > packet.length) throw new ProtocolFault("a PUBLISH that is shorter than its topic");
  const messageId = qos === 0 ? 0 : readUint16(packet, topicEnd);
  if (qos !== 0 && messageId === 0) {
    throw new ProtocolFault("a PUBLISH with the packet identifier 0", PROTOCOL_ERROR);
  }
  const start = payloadStart(packet, idEnd, level);
  // An alias may stand for it, which this library never asks for (MQTT 5 §3.3.2.3.4).
  if (topicEnd === topicAt) throw new ProtocolFault("a PUBLISH without a topic", PROTOCOL_ERROR);
  return {
    messageId,
    message: {
      topic: utf8.decode(packet.subarray(topicAt, topicEnd)),
      payload: packet.subarray(start.at),
      qos,
      retain: (first & RETAIN) !== 0,
      duplicate: (first & DUPLICATE) !== 0,
      expiryMs: start.expiryMs,
    },
  };
};
