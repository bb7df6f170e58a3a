import { PacketType, acknowledgement, messageIdOf, readPublish } from "./packets.ts";
import type { Answer } from "./scripted-broker.ts";

/** Acknowledges every publish, with these codes where MQTT 5 is spoken. */
export const acknowledge =
  (level: 4 | 5, codes: { puback?: number; pubrec?: number } = {}): Answer =>
  (received, send) => {
    if (received.type === PacketType.PUBREL) {
      send(acknowledgement(PacketType.PUBCOMP, messageIdOf(received)));
    }
    if (received.type !== PacketType.PUBLISH) return;
    const { qos, messageId } = readPublish(received, level);
    if (messageId === undefined) return;
    const [type, code] =
      qos === 1 ? [PacketType.PUBACK, codes.puback] : [PacketType.PUBREC, codes.pubrec];
    send(acknowledgement(type, messageId, level === 5 ? code : undefined));
  };
