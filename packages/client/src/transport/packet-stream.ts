import type { ControlPacket } from "./control-packet.ts";
import { readControlPacket } from "./control-packet.ts";
import type { Frame } from "./packet-frames.ts";
import { PROTOCOL_ERROR, PacketFrames, ProtocolFault, typeOf } from "./packet-frames.ts";
import { PacketType, packetName } from "./packet-type.ts";
import type { IncomingPublish } from "./publish-decoder.ts";
import { decodePublish } from "./publish-decoder.ts";
import type { IncomingMessage, ProtocolLevel } from "./transport.ts";

const {
  CONNACK,
  PUBLISH,
  PUBACK,
  PUBREC,
  PUBREL,
  PUBCOMP,
  SUBACK,
  UNSUBACK,
  PINGRESP,
  DISCONNECT,
} = PacketType;

/** What a broker may send, and what the lower half of the first byte must be. */
const FLAGS: ReadonlyMap<number, number> = new Map([
  [CONNACK, 0],
  [PUBACK, 0],
  [PUBREC, 0],
  [PUBREL, 0x02],
  [PUBCOMP, 0],
  [SUBACK, 0],
  [UNSUBACK, 0],
  [PINGRESP, 0],
  [DISCONNECT, 0],
]);

/**
 * Checks the first byte of a packet: a type that a client can get, with the flags that belong to it.
 *
 * @throws {ProtocolFault} no packet from a broker begins like this.
 */
export const checkFirstByte = (firstByte: number): void => {
  const type = typeOf(firstByte);
  if (type === PUBLISH) return;
  const flags = FLAGS.get(type);
  if (flags === undefined) {
    const what = `a packet of type ${String(type)}, which no client gets`;
    throw new ProtocolFault(what, PROTOCOL_ERROR);
  }
  if (flags !== (firstByte & 0x0f)) {
    throw new ProtocolFault(`a ${packetName(type)} with other flags than it may have`);
  }
};

/** Those that belong to a PUBLISH, which are this library's; and the end, which it has to hear of first. */
const OURS: ReadonlySet<number> = new Set([PUBACK, PUBREC, PUBREL, PUBCOMP, DISCONNECT]);

/** Bytes kept of what came before CONNACK, to tell what answered. */
const MOST_FIRST_BYTES = 64;

/** The socket that MQTT.js reads from and writes to, as far as something stands between them. */
export interface SocketStream {
  on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** What MQTT.js reads from: it hands this over to be filled. */
export interface PacketSink {
  write(packet: Uint8Array): unknown;
}

/** Who gets what comes in on a link. */
export interface PacketHandlers {
  /** A message with QoS 0, which nobody acknowledges. */
  readonly onMessage: (message: IncomingMessage) => void;
  /** A message with QoS 1 or 2. */
  readonly onPublish: (publish: IncomingPublish) => void;
  /** An acknowledgement, or the broker's DISCONNECT. */
  readonly onControl: (packet: ControlPacket) => void;
  /** Called once, when the connection has to be closed for what came over it. */
  readonly onFault: (error: Error) => void;
}

/**
 * Stands between the socket and MQTT.js, in the place of the pipe that would connect them: cuts what comes into
 * packets, lets through only what a broker may send, and keeps everything that belongs to a PUBLISH to this
 * library. MQTT.js would end the process over some packets, print their contents where `DEBUG` is set, and takes
 * longer from a packet to its listeners than this library for all that it does with a message.
 */
export class PacketStream {
  readonly #level: ProtocolLevel;
  readonly #onEarlyFault: (error: Error) => void;
  readonly #frames = new PacketFrames(checkFirstByte);
  #socket: SocketStream | undefined;
  #sink: PacketSink | undefined;
  #handlers: PacketHandlers | undefined;
  #state: "dialling" | "accepted" | "open" | "over" = "dialling";
  #isReading = false;
  #activity = 0;
  #firstBytes: Uint8Array = new Uint8Array();
  #connack: ControlPacket | undefined;

  /** @param onEarlyFault - what `onFault` is for, before the link is open. */
  constructor(level: ProtocolLevel, onEarlyFault: (error: Error) => void) {
    this.#level = level;
    this.#onEarlyFault = onEarlyFault;
  }

  /** Grows with all that comes. */
  get activity(): number {
    return this.#activity;
  }

  /** The beginning of what came before the broker accepted, whatever it is. */
  get firstBytes(): Uint8Array {
    return this.#firstBytes;
  }

  /** The broker's answer to CONNECT, once it has come. */
  get connack(): ControlPacket | undefined {
    return this.#connack;
  }

  /** Gives MQTT.js its stream: the socket, but with this in the place of its pipe. */
  between<Socket extends SocketStream>(socket: Socket): Socket {
    this.#socket = socket;
    const pipe = <Sink extends PacketSink>(sink: Sink): Sink => {
      this.#sink = sink;
      socket.on("data", this.#read);
      // Before MQTT.js hears of it, which takes nothing afterwards.
      socket.on("end", this.#readAll);
      return sink;
    };
    return Object.assign(socket, { pipe });
  }

  /** From now on, messages and acknowledgements go here; what came behind the CONNACK has waited for it. */
  open(handlers: PacketHandlers): void {
    if (this.#state === "over") return;
    this.#handlers = handlers;
    this.#state = "open";
    this.#continue();
  }

  /** Ignores what comes from now on. */
  close(): void {
    this.#state = "over";
  }

  /** Reads nothing more until told to: what is sent in answer waits in a socket that takes none. */
  setPaused(isPaused: boolean): void {
    if (isPaused) this.#socket?.pause();
    else this.#socket?.resume();
  }

  readonly #read = (bytes: Uint8Array): void => {
    this.#activity += 1;
    if (this.#state === "dialling") this.#keepFirst(bytes);
    this.#frames.add(bytes);
    this.#continue();
  };

  #keepFirst(bytes: Uint8Array): void {
    const room = MOST_FIRST_BYTES - this.#firstBytes.length;
    if (room > 0) this.#firstBytes = Uint8Array.of(...this.#firstBytes, ...bytes.subarray(0, room));
  }

  #continue(): void {
    if (!this.#isReading) this.#readNext();
  }

  /**
   * One packet at a time: the ticks that MQTT.js asked for, and the promises that a message settled, run before the
   * next one is looked at. Ticks would not do, since all of them go before the promises. To wait for what those
   * promises settle in turn would cost the answers to these packets their common system call.
   */
  readonly #readNext = (): void => {
    this.#isReading = this.#takeNext();
    if (this.#isReading) queueMicrotask(this.#readNext);
  };

  readonly #readAll = (): void => {
    while (this.#takeNext());
  };

  /** Whether there was a packet. */
  #takeNext(): boolean {
    // Whoever gets the messages is not known before MQTT.js has told of the CONNACK.
    if (this.#state === "over" || this.#state === "accepted") return false;
    try {
      const frame = this.#frames.next();
      if (frame === undefined) return false;
      this.#take(frame);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #fail(error: unknown): void {
    this.#state = "over";
    const onFault = this.#handlers?.onFault ?? this.#onEarlyFault;
    onFault(error instanceof Error ? error : new Error(String(error)));
  }

  #take(frame: Frame): void {
    const type = typeOf(frame.packet[0] ?? 0);
    const isFirst = this.#state === "dialling";
    if (isFirst !== (type === CONNACK)) {
      const what = isFirst ? "something else before CONNACK" : "a second CONNACK";
      throw new ProtocolFault(what, PROTOCOL_ERROR);
    }
    if (type === PUBLISH) {
      this.#takePublish(decodePublish(frame, this.#level));
      return;
    }
    const packet = readControlPacket(frame, this.#level);
    if (isFirst) {
      this.#state = "accepted";
      this.#connack = packet;
    }
    if (OURS.has(type)) this.#handlers?.onControl(packet);
    else this.#sink?.write(frame.packet);
  }

  #takePublish(publish: IncomingPublish): void {
    if (publish.message.qos === 0) this.#handlers?.onMessage(publish.message);
    else this.#handlers?.onPublish(publish);
  }
}
