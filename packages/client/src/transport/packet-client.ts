import type { PacketStream } from "./packet-writer.ts";
import type { SubscribeBatch } from "./subscribe-batch.ts";
import type { QoS } from "./transport.ts";

export interface Packet {
  readonly cmd?: string;
  readonly topic?: string;
  readonly payload?: unknown;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly messageId?: number;
  readonly reasonCode?: number;
  readonly granted?: readonly number[];
}

export interface PublishSettings {
  qos: QoS;
  retain: boolean;
  properties?: {
    messageExpiryInterval?: number;
    responseTopic?: string;
    correlationData?: string;
  };
}

export type Acknowledged = (error?: Error | null, packet?: Packet) => void;

/** What the link needs of an MQTT.js client. */
export interface PacketClient {
  readonly stream: PacketStream;
  publish(topic: string, payload: string, settings: PublishSettings, done: Acknowledged): unknown;
  subscribe(
    topics: SubscribeBatch["topics"],
    settings: SubscribeBatch["settings"],
    done: (error: Error | null, subscriptions?: unknown, suback?: Packet) => void,
  ): unknown;
  unsubscribe(filters: string[], done: Acknowledged): unknown;
  end(force: boolean, settings: object, done: () => void): unknown;
  sendPing(): unknown;
  on(event: "message", listener: (t: string, p: Uint8Array, packet: Packet) => void): unknown;
  on(event: "packetreceive" | "disconnect", listener: (packet: Packet) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "close", listener: () => void): unknown;
}
