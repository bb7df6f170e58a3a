import type { Socket } from "node:net";

import { freshIdentifier } from "../fresh-identifier.ts";
import type { Speech, Subject } from "../subject.ts";
import { openSocket, openTlsSocket } from "./open-socket.ts";

/** What a port says when it is spoken to. */
export type FirstWords =
  | { readonly kind: "mqtt" | "websocket" | "tls" | "no-tls" | "closed" | "silent" }
  /** It speaks HTTP, and opens no WebSocket; or something else in letters. */
  | { readonly kind: "http" | "other"; readonly line: string };

type Place = Pick<Subject, "host" | "port" | "tls"> & Speech & { readonly path: string };

const CONNACK = 0x20;
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;
const LONGEST_LINE = 60;

/** CONNECT of MQTT 3.1.1, which every broker answers somehow, with a clean session and no credentials. */
const connectPacket = (clientId: string): Uint8Array => {
  const id = new TextEncoder().encode(clientId);
  const header = [0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, id.length];
  return Uint8Array.of(0x10, header.length + id.length, ...header, ...id);
};

const DISCONNECT = Uint8Array.of(0xe0, 0);

/** Asks for a WebSocket (RFC 6455 §4.1). The key is that of the RFC: nobody looks at the answer to it. */
const upgradeRequest = ({ host, port, path }: Omit<Place, "tls" | keyof Speech>): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${host.includes(":") ? `[${host}]` : host}:${String(port)}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: mqtt",
    "",
    "",
  ].join("\r\n");

/** What the first bytes are of. */
export const readFirstWords = (bytes: Uint8Array): FirstWords => {
  const [first, major] = bytes;
  if (first === undefined) return { kind: "closed" };
  if (first === CONNACK) return { kind: "mqtt" };
  if ((first === TLS_ALERT || first === TLS_HANDSHAKE) && major === 3) return { kind: "tls" };
  const [text = ""] = new TextDecoder("latin1").decode(bytes).split(/[\r\n]/, 1);
  const line = text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, LONGEST_LINE);
  if (!line.startsWith("HTTP/")) return { kind: "other", line };
  return /^HTTP\/1\.1 101\b/.test(line) ? { kind: "websocket" } : { kind: "http", line };
};

const firstBytes = (socket: Socket, signal: AbortSignal): Promise<Uint8Array | undefined> =>
  new Promise((resolve) => {
    const finish = (bytes: Uint8Array | undefined): void => {
      signal.removeEventListener("abort", giveUp);
      resolve(bytes);
    };
    const giveUp = (): void => {
      finish(undefined);
    };
    socket.once("data", finish);
    socket.once("close", () => {
      finish(new Uint8Array());
    });
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp);
  });

const SPEAKS_NO_TLS = /wrong version number|packet length too long|unknown protocol|http request/;

/** Of a handshake that failed: whether the other side knows none. */
const withoutHandshake = (error: unknown): FirstWords | undefined => {
  if (!(error instanceof Error)) return undefined;
  if (SPEAKS_NO_TLS.test(error.message)) return { kind: "no-tls" };
  return { kind: "closed" };
};

/**
 * Speaks to a port as to MQTT or as to a WebSocket, with TLS or without, and hears what comes back. It logs in as nobody,
 * for what answers counts, not whether it agrees.
 *
 * @throws the error of a TCP connection that does not come about.
 */
export const hearFirstWords = async (place: Place, signal: AbortSignal): Promise<FirstWords> => {
  let socket: Socket;
  try {
    socket = await (place.isSecure ? openTlsSocket : openSocket)(place, signal);
  } catch (error) {
    if (signal.aborted) return { kind: "silent" };
    const words = place.isSecure ? withoutHandshake(error) : undefined;
    if (words !== undefined) return words;
    throw error;
  }
  try {
    socket.write(place.isWebSocket ? upgradeRequest(place) : connectPacket(freshIdentifier()));
    const bytes = await firstBytes(socket, signal);
    const words: FirstWords = bytes === undefined ? { kind: "silent" } : readFirstWords(bytes);
    if (words.kind === "mqtt") socket.end(DISCONNECT);
    return words;
  } finally {
    socket.destroySoon();
  }
};
