import { createServer } from "node:net";
import type { Socket } from "node:net";
import { listenLocally } from "../support/local-server.ts";
import type { ConnackLimits, RawPacket } from "./packets.ts";
import { PacketReader, PacketType, connack, nameOf } from "./packets.ts";
import { Arrivals } from "./soon.ts";

/** What the test does with a packet from the client. */
export type Answer = (packet: RawPacket, send: (bytes: Uint8Array) => void) => void;

/** How a scripted broker behaves. */
export interface ScriptedBrokerOptions {
  /** The version that it answers a CONNECT in; default 5. */
  readonly level?: 4 | 5;
  /** What its CONNACK says; default: nothing. */
  readonly limits?: ConnackLimits;
  /** What it answers a CONNECT with; default: a CONNACK that accepts it. */
  readonly welcome?: Uint8Array;
  /** What it sends right behind its CONNACK, in one segment with it; default: nothing. */
  readonly greeting?: Uint8Array;
  /** Answers everything but CONNECT and PINGREQ; default: nothing is answered. */
  readonly answer?: Answer;
  /** Whether it answers a PINGREQ now; default: always. */
  readonly answersPings?: () => boolean;
}

/** A broker of the test's own, down to the bytes. */
export interface ScriptedBroker extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Every packet from a client so far. */
  readonly packets: readonly RawPacket[];
  /** Waits for as many packets of a type, and gives them. */
  received(type: number, count: number): Promise<readonly RawPacket[]>;
  /** Their names, in order. */
  readonly names: readonly string[];
  /** Sends bytes to every client. */
  send(bytes: Uint8Array): void;
  /** Ends every connection once all is sent. */
  hangUp(): void;
  /** Cuts every connection. */
  cut(): void;
}

const PINGRESP = Uint8Array.of(0xd0, 0);

/** Starts a broker that accepts every CONNECT and leaves the rest to the test. */
export const startScriptedBroker = async (
  options: ScriptedBrokerOptions = {},
): Promise<ScriptedBroker> => {
  const { level = 5, limits = {}, answer = () => {}, answersPings = () => true } = options;
  const accept = options.welcome ?? connack(level, limits);
  const welcome = Buffer.concat([accept, options.greeting ?? Buffer.alloc(0)]);
  const packets = new Arrivals<RawPacket>("packets");
  const sockets = new Set<Socket>();
  const server = await listenLocally(
    createServer((socket) => {
      socket.setNoDelay(true);
      sockets.add(socket);
      // Clients that go without a word are what some tests are about.
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
      const reader = new PacketReader();
      const send = (bytes: Uint8Array): void => void socket.write(bytes);
      socket.on("data", (bytes) => {
        for (const packet of reader.read(bytes)) {
          packets.add(packet);
          if (packet.type === PacketType.CONNECT) send(welcome);
          else if (packet.type !== PacketType.PINGREQ) answer(packet, send);
          else if (answersPings()) send(PINGRESP);
        }
      });
    }),
  );
  return {
    port: server.port,
    url: `mqtt://127.0.0.1:${String(server.port)}`,
    packets: packets.all,
    received: (type, count) => packets.until(count, (packet) => packet.type === type),
    get names() {
      return packets.all.map(nameOf);
    },
    send: (bytes) => sockets.forEach((socket) => void socket.write(bytes)),
    hangUp: () => sockets.forEach((socket) => void socket.end()),
    cut: server.dropSockets,
    [Symbol.asyncDispose]: server.close,
  };
};
