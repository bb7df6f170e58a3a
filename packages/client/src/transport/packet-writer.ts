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

interface TurnScheduler {
  readonly process?: { readonly nextTick?: (callback: () => void) => void };
}

/** Calls back when the code that runs now has ended; where it can, after all the promises that it settled. */
const afterThisTurn = (callback: () => void): void => {
  const { process }: TurnScheduler = globalThis;
  if (typeof process?.nextTick === "function") process.nextTick(callback);
  else queueMicrotask(callback);
};

/** Writes QoS 0 messages straight to the socket; those of one turn leave in one system call. */
export class PacketWriter {
  readonly #stream: PacketStream;
  readonly #encoder: PublishEncoder;
  #isCorked = false;
  #drained: Promise<void> | undefined;

  constructor(stream: PacketStream, level: ProtocolLevel) {
    this.#stream = stream;
    this.#encoder = new PublishEncoder(level);
  }

  /** Undefined when the socket took the message; else a promise for the moment when it has room again. */
  write(message: OutgoingMessage): Promise<void> | undefined {
    this.#cork();
    if (this.#stream.write(this.#encoder.encode(message))) return undefined;
    // All who wait for room share one listener.
    this.#drained ??= new Promise((resolve) => {
      this.#stream.once("drain", () => {
        this.#drained = undefined;
        resolve();
      });
    });
    return this.#drained;
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    afterThisTurn(() => {
      this.#isCorked = false;
      this.#stream.uncork();
    });
  }
}
