import { PacketReader, PacketType, readFilters, readPublish } from "../transport/packets.ts";
import type { RawPacket, ReadPublish } from "../transport/packets.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

/** Where a tap leads, and what is spoken there. */
export interface WireTapOptions {
  /** Of the broker. */
  readonly url: string;
  readonly level: 4 | 5;
}

/** What one client sends over its one connection. */
export interface WireTap extends AsyncDisposable {
  /** Where that client connects. */
  readonly url: string;
  /** The filters of its SUBSCRIBE packets, in order. */
  readonly subscribed: readonly string[];
  /** The filters of its UNSUBSCRIBE packets, in order. */
  readonly unsubscribed: readonly string[];
  /** Its messages, in order. */
  readonly published: readonly ReadPublish[];
}

/** The filters of an UNSUBSCRIBE, in their order (MQTT 5 §3.10, MQTT 3.1.1 §3.10). */
const readUnsubscribed = ({ body }: RawPacket, level: 4 | 5): readonly string[] => {
  const filters: string[] = [];
  // After the packet identifier and, in MQTT 5, the length of the properties, of which there are none.
  let at = level === 5 ? 3 : 2;
  while (at < body.length) {
    const end = at + 2 + body.readUInt16BE(at);
    filters.push(body.toString("utf8", at + 2, end));
    at = end;
  }
  return filters;
};

/** Listens to what goes from a client to a broker. */
export const tapWire = async ({ url, level }: WireTapOptions): Promise<WireTap> => {
  const subscribed: string[] = [];
  const unsubscribed: string[] = [];
  const published: ReadPublish[] = [];
  const reader = new PacketReader();
  const note = (packet: RawPacket): void => {
    if (packet.type === PacketType.SUBSCRIBE) subscribed.push(...readFilters(packet, level));
    if (packet.type === PacketType.UNSUBSCRIBE) {
      unsubscribed.push(...readUnsubscribed(packet, level));
    }
    if (packet.type === PacketType.PUBLISH) published.push(readPublish(packet, level));
  };
  const proxy = await startTcpProxy({
    port: Number(new URL(url).port),
    onClientBytes: (bytes) => {
      for (const packet of reader.read(bytes)) note(packet);
    },
  });
  return {
    url: proxy.url,
    subscribed,
    unsubscribed,
    published,
    [Symbol.asyncDispose]: () => proxy.close(),
  };
};
