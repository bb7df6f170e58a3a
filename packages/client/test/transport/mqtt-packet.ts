import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import type { ProtocolLevel, QoS } from "../../src/transport/transport.ts";

/** A PUBLISH as MQTT.js knows it. */
export interface Publish {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly messageId?: number;
  readonly properties?: object;
}

/** The package that MQTT.js writes and reads packets with, as far as the tests use it. */
interface MqttPacket {
  generate(packet: object, options: { readonly protocolVersion: number }): Buffer;
  parser(options: { readonly protocolVersion: number }): EventEmitter & {
    parse(bytes: Uint8Array): number;
  };
}

const besideThis = createRequire(import.meta.url);
const mqttPacket: MqttPacket = createRequire(besideThis.resolve("mqtt"))("mqtt-packet");

/** A PUBLISH as mqtt-packet writes it; by default a small one with QoS 0. */
export const writePublish = (publish: Partial<Publish>, level: ProtocolLevel): Buffer => {
  const usual: Publish = { topic: "a/b", payload: "{}", qos: 0, retain: false, dup: false };
  const messageId = publish.qos === undefined || publish.qos === 0 ? {} : { messageId: 1 };
  return mqttPacket.generate(
    { cmd: "publish", ...usual, ...messageId, ...publish },
    { protocolVersion: level },
  );
};

/** What mqtt-packet reads; throws unless it is one packet. */
export const readOne = (bytes: Uint8Array, level: ProtocolLevel): unknown => {
  const parser = mqttPacket.parser({ protocolVersion: level });
  const packets: unknown[] = [];
  parser.on("packet", (packet: unknown) => void packets.push(packet));
  parser.on("error", (error: unknown) => {
    throw error;
  });
  parser.parse(bytes);
  const [only] = packets;
  if (packets.length !== 1) throw new Error(`${String(packets.length)} packets instead of one`);
  return only;
};
