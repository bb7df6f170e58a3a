import { afterPromises } from "../runtime/turn.ts";
import { PublishEncoder } from "./publish-encoder.ts";
import type { OutgoingMessage, ProtocolLevel } from "./transport.ts";

/** The socket below an MQTT.js client, as far as whole packets are written to it. */
export interface PacketStream {
  write(packet: Uint8Array): boolean;
  cork(): void;
  uncork(): void;
  once(event: "drain", listener: () => void): unknown;
  destroy(): unknown;
}

/**
 * Writes QoS 0 messages straight to the socket. Messages of one turn leave in one system call; a message
 * that comes alone, as the one before did, leaves at once.
 */
export class PacketWriter {
  readonly #stream: PacketStream;
  readonly #encoder: PublishEncoder;
  #drained: Promise<void> | undefined;
  #packetsThisTurn = 0;
  #packetsLastTurn = 0;

  constructor(stream: PacketStream, level: ProtocolLevel) {
    this.#stream = stream;
    this.#encoder = new PublishEncoder(level);
  }

  /** Undefined when the socket took the message; else a promise for the moment when it has room again. */
  write(message: OutgoingMessage, expiryMs?: number): Promise<void> | undefined {
    this.#beginTurn();
    if (this.#stream.write(this.#encoder.encode(message, expiryMs))) return undefined;
    // All who wait for room share one listener.
    this.#drained ??= new Promise((resolve) => {
      this.#stream.once("drain", () => {
        this.#drained = undefined;
        resolve();
      });
    });
    return this.#drained;
  }

  #beginTurn(): void {
    this.#packetsThisTurn += 1;
    const expectsMore = this.#packetsLastTurn > 1;
    if (this.#packetsThisTurn === 1) {
      if (expectsMore) this.#stream.cork();
      // The reader takes packets between promises, so all that came with one read is answered by then.
      afterPromises(() => {
        if (expectsMore || this.#packetsThisTurn > 1) this.#stream.uncork();
        this.#packetsLastTurn = this.#packetsThisTurn;
        this.#packetsThisTurn = 0;
      });
    } else if (this.#packetsThisTurn === 2 && !expectsMore) {
      this.#stream.cork();
    }
  }
}
