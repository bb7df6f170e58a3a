import {
  PacketType,
  acknowledgement,
  messageIdOf,
  readFilters,
  readPublish,
  verdicts,
} from "../../../client/test/transport/packets.ts";
import type { ConnackLimits, ReadPublish } from "../../../client/test/transport/packets.ts";
import { startScriptedBroker } from "../../../client/test/transport/scripted-broker.ts";
import type { ScriptedBroker } from "../../../client/test/transport/scripted-broker.ts";
import { matchesFilter } from "../../../client/src/protocol/topic-filter.ts";

/** What an odd broker tells, and does. */
export interface Oddities {
  readonly limits?: ConnackLimits;
  /** Whether a message gets lost, though it is acknowledged; default: none does. */
  readonly loses?: (publish: ReadPublish) => boolean;
  /** Told of each filter that a client subscribes to. */
  readonly onFilter?: (filter: string) => void;
}

const LEVEL = 5;

const lengthBytes = (length: number): readonly number[] =>
  length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...lengthBytes(length >> 7)];

/** A PUBLISH with QoS 0 and without properties. */
const publishBytes = ({ topic, payload }: ReadPublish): Buffer => {
  const name = Buffer.from(topic);
  const body = Buffer.concat([
    Buffer.of(name.length >> 8, name.length & 0xff),
    name,
    Buffer.of(0),
    Buffer.from(payload),
  ]);
  return Buffer.concat([Buffer.of(PacketType.PUBLISH << 4, ...lengthBytes(body.length)), body]);
};

/**
 * A broker with MQTT 5 that grants and acknowledges everything, and brings messages back to who sent them with QoS 0: but
 * it knows no shared subscription, and keeps no message, without a word about that.
 */
export const startOddBroker = ({
  limits = {},
  loses = () => false,
  onFilter = () => {},
}: Oddities = {}): Promise<ScriptedBroker> => {
  const filters = new Set<string>();
  return startScriptedBroker({
    level: LEVEL,
    limits,
    answer: (packet, send) => {
      const { type } = packet;
      if (type === PacketType.SUBSCRIBE) {
        const added = readFilters(packet, LEVEL);
        for (const filter of added) filters.add(filter);
        for (const filter of added) onFilter(filter);
        const suback = { type: PacketType.SUBACK, messageId: messageIdOf(packet) };
        send(
          verdicts(
            suback,
            LEVEL,
            added.map(() => 0),
          ),
        );
      }
      if (type === PacketType.UNSUBSCRIBE) {
        filters.clear();
        const unsuback = { type: PacketType.UNSUBACK, messageId: messageIdOf(packet) };
        send(verdicts(unsuback, LEVEL, [0]));
      }
      if (type === PacketType.PUBREL) {
        send(acknowledgement(PacketType.PUBCOMP, messageIdOf(packet)));
      }
      if (type !== PacketType.PUBLISH) return;
      const publish = readPublish(packet, LEVEL);
      const { qos, messageId = 0, topic, payload } = publish;
      if (qos === 1) send(acknowledgement(PacketType.PUBACK, messageId));
      if (qos === 2) send(acknowledgement(PacketType.PUBREC, messageId));
      const isWanted = [...filters].some(
        (filter) => !filter.startsWith("$share/") && matchesFilter(filter, topic),
      );
      if (isWanted && payload !== "" && !loses(publish)) send(publishBytes(publish));
    },
  });
};
