import { PacketFrames } from "./packet-frames.ts";
import { decodeUnacknowledged } from "./publish-decoder.ts";
import type { IncomingMessage, ProtocolLevel } from "./transport.ts";

type TakeBytes = (bytes: Uint8Array) => void;

/** The socket below an MQTT.js client, as far as what it brings is read from it. */
export interface PacketSource {
  listeners(event: "data"): readonly unknown[];
  on(event: "data", listener: TakeBytes): unknown;
  off(event: "data", listener: TakeBytes): unknown;
  prependListener(event: "end", listener: () => void): unknown;
}

/**
 * Reads QoS 0 messages straight off the socket and passes everything else on to MQTT.js, whose way from a
 * packet to its listeners costs more than all that this library does with the message. What arrives
 * stays in order: as long as MQTT.js has packets to handle, those behind them wait in its queue too.
 */
export class PacketReader {
  readonly #level: ProtocolLevel;
  readonly #frames = new PacketFrames();
  #forward: TakeBytes | undefined;
  #onMessage: ((message: IncomingMessage) => void) | undefined;
  /** Packets that MQTT.js has got and not begun to handle. */
  #forwarded = 0;
  #isReading = false;

  constructor(level: ProtocolLevel) {
    this.#level = level;
  }

  /** Steps between a socket and the client that reads from it. Where more than that one reads, it stays out. */
  stepIn(source: PacketSource): void {
    const [forward, ...others] = source.listeners("data");
    if (typeof forward !== "function" || others.length > 0) return;
    // The one listener is that of MQTT.js's pipe, which takes bytes and minds when its end is full.
    const pipe = forward as TakeBytes;
    this.#forward = pipe;
    source.off("data", pipe);
    source.on("data", this.#read);
    // Before the pipe hears of it: it then ends its other end, which takes nothing afterwards.
    source.prependListener("end", this.#readAll);
  }

  /** From now on, messages go here. */
  deliverTo(onMessage: (message: IncomingMessage) => void): void {
    this.#onMessage = onMessage;
  }

  /** Tells that MQTT.js has begun to handle a packet; it handles one after the other. */
  noteHandled(): void {
    if (this.#forwarded > 0) this.#forwarded -= 1;
  }

  readonly #read = (bytes: Uint8Array): void => {
    this.#frames.add(bytes);
    if (!this.#isReading) this.#readNext();
  };

  /**
   * One packet at a time: the ticks that MQTT.js asked for, and the promises that a message settled, run before the
   * next one is looked at. Ticks would not do, since all of them go before the promises. To wait for what those
   * promises settle in turn would cost the answers to these packets their common system call.
   */
  readonly #readNext = (): void => {
    const packet = this.#frames.next();
    this.#isReading = packet !== undefined;
    if (packet === undefined) return;
    try {
      this.#take(packet);
    } finally {
      queueMicrotask(this.#readNext);
    }
  };

  readonly #readAll = (): void => {
    for (let packet = this.#frames.next(); packet !== undefined; packet = this.#frames.next()) {
      this.#take(packet);
    }
  };

  #take(packet: Uint8Array): void {
    const isDirect = this.#onMessage !== undefined && this.#forwarded === 0;
    const message = isDirect ? decodeUnacknowledged(packet, this.#level) : undefined;
    if (message !== undefined) {
      this.#onMessage?.(message);
      return;
    }
    this.#forwarded += 1;
    this.#forward?.(packet);
  }
}
