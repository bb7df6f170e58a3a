import type { IClientOptions, MqttClient } from "mqtt";

import type { Subject } from "../subject.ts";
import { packetText } from "./packet-text.ts";

export type Level = 4 | 5;

/** As whom a probe connects. */
export interface ProbeLogin {
  readonly clientId: string;
  readonly level: Level;
}

const KEEP_ALIVE_S = 30;

/** A URL whose query, which may hold a token, MQTT.js does not print where `DEBUG` is set. */
class DiscreetUrl extends URL {
  override toString(): string {
    return `${this.origin}${this.pathname}`;
  }
}

/** How MQTT.js is to dial: once, and as it is told. */
export const dialOptions = (
  { username, password, tls, url }: Subject,
  { clientId, level }: ProbeLogin,
): IClientOptions => {
  const options = {
    ...tls,
    clientId,
    protocolVersion: level,
    clean: true,
    keepalive: KEEP_ALIVE_S,
    reconnectPeriod: 0,
    resubscribe: false,
    timerVariant: "native",
    // With DEBUG set, MQTT.js prints messages; its codec prints passwords that are texts.
    log: () => {},
    // MQTT.js hands it on to its WebSocket, which takes an object as well.
    transformWsUrl: () => new DiscreetUrl(url),
    query: {},
    wsOptions: tls.servername === undefined ? {} : { servername: tls.servername },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: Buffer.from(password) }),
  };
  // MQTT.js wants mutable arrays of certificates, which it only reads, and a text for a URL.
  return options as unknown as IClientOptions;
};

/** Tells of each packet that goes over a link. */
export const traceTo = (client: MqttClient, { trace }: Subject): void => {
  if (trace === undefined) return;
  client.on("packetsend", (packet) => {
    trace(`→ ${packetText(packet)}`);
  });
  client.on("packetreceive", (packet) => {
    trace(`← ${packetText(packet)}`);
  });
};
