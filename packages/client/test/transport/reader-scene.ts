import { EventEmitter } from "node:events";
import { PacketReader } from "../../src/transport/packet-reader.ts";
import type { IncomingMessage, ProtocolLevel } from "../../src/transport/transport.ts";
import { writePublish } from "./mqtt-packet.ts";

/** What a scene may have otherwise than usual. */
export interface ReaderSceneOptions {
  readonly level?: ProtocolLevel;
  /** Whether MQTT.js handles a packet as soon as it has it; default true. */
  readonly handlesAtOnce?: boolean;
  /** Whether messages have somewhere to go from the beginning; default true. */
  readonly delivers?: boolean;
  /** Called with each message that comes past MQTT.js. */
  readonly onMessage?: (text: string) => void;
}

/** A reader between a socket and what stands for MQTT.js. */
export interface ReaderScene {
  readonly reader: PacketReader;
  readonly socket: EventEmitter;
  /** What arrived, in order: the payload, and how it came. */
  readonly arrived: string[];
  /** Every packet that was passed on. */
  readonly forwarded: Uint8Array[];
  /** Brings bytes from the broker. */
  bring(...packets: readonly Uint8Array[]): void;
  /** Tells where messages go. */
  deliver(): void;
}

const decoder = new TextDecoder();

/** A small PUBLISH of MQTT 3.1.1. */
export const publish = (payload: string, qos: 0 | 1 | 2 = 0): Uint8Array =>
  writePublish({ payload, qos }, 4);

export const PINGRESP = Uint8Array.of(0xd0, 0);

/** The payload of a packet that {@link publish} made; "ping" of any other. */
const nameOf = (packet: Uint8Array): string => {
  const [first = 0] = packet;
  if (first >> 4 !== 3) return "ping";
  return decoder.decode(packet.subarray(first & 0x06 ? 9 : 7));
};

export const readerScene = (options: ReaderSceneOptions = {}): ReaderScene => {
  const { level = 4, handlesAtOnce = true, delivers = true, onMessage } = options;
  const reader = new PacketReader(level);
  const socket = new EventEmitter();
  const arrived: string[] = [];
  const forwarded: Uint8Array[] = [];
  socket.on("data", (packet: Uint8Array) => {
    forwarded.push(packet);
    arrived.push(`${nameOf(packet)} by MQTT.js`);
    if (handlesAtOnce) reader.noteHandled();
  });
  reader.stepIn(socket);
  const deliver = (): void => {
    reader.deliverTo(({ payload }: IncomingMessage) => {
      const text = decoder.decode(payload);
      arrived.push(text);
      onMessage?.(text);
    });
  };
  if (delivers) deliver();
  const bring = (...packets: readonly Uint8Array[]): void => {
    socket.emit("data", Buffer.concat(packets));
  };
  return { reader, socket, arrived, forwarded, bring, deliver };
};
