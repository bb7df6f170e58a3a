import type { Deadline, Settle } from "../runtime/deadline.ts";
import { isReached, usefulMs, waitWithin } from "../runtime/deadline.ts";
import { WaitSet } from "../runtime/wait-set.ts";
import { PacketType } from "./packet-type.ts";
import { PublishEncoder } from "./publish-encoder.ts";
import type { OutgoingMessage, ProtocolLevel, PublishOutcome } from "./transport.ts";
import { WaitQueue } from "./wait-queue.ts";

/** The socket below an MQTT.js client, as far as whole packets are written to it. */
export interface WritableSocket {
  /** Bytes that wait in it. */
  readonly writableLength: number;
  write(packet: Uint8Array): boolean;
  cork(): void;
  uncork(): void;
  on(event: "drain", listener: () => void): unknown;
}

/** The flags that a PUBREL has to have (MQTT 5 §3.6.1). */
const PUBREL_FLAGS = 0x02;

/** Bytes that may wait in a socket that takes none: what is in there can be withdrawn no more. */
const MOST_WAITING_BYTES = 1024 * 1024;

/** A message, and until when somebody waits for what becomes of it. */
export interface WantedPublish {
  readonly message: OutgoingMessage;
  readonly deadline: Deadline | undefined;
}

/** {@link waitWithin} for calls that may have no deadline. */
export const settledWithin = <T>(
  deadline: Deadline | undefined,
  start: (settle: Settle<T>) => () => void,
): Promise<T> =>
  deadline === undefined
    ? new Promise((resolve, reject) => {
        start({ resolve, reject });
      })
    : waitWithin(deadline, start);

interface TurnScheduler {
  readonly process?: { readonly nextTick?: (callback: () => void) => void };
}

/**
 * Calls back within this turn of the event loop, when the promises that are settled by now have run, and those
 * that they settled in turn. Where there are no ticks, in browsers, the latter may still be under way.
 */
const afterPromises = (callback: () => void): void => {
  const { process }: TurnScheduler = globalThis;
  const nextTick = process?.nextTick;
  // Ticks go before promises, unless it is a promise that asks for one.
  queueMicrotask(() => {
    if (nextTick === undefined) queueMicrotask(callback);
    else nextTick(callback);
  });
};

interface Unsent extends WantedPublish {
  readonly settle: Settle<PublishOutcome>;
}

/**
 * Writes packets straight to the socket. Those of one turn leave in one system call; one that comes alone, as
 * the one before did, leaves at once. While the socket is full, messages wait here, where those that nobody waits
 * for any more can leave.
 */
export class PacketWriter {
  readonly #socket: WritableSocket;
  readonly #encoder: PublishEncoder;
  readonly #unsent = new WaitQueue<Unsent>();
  readonly #inSocket = new WaitSet<PublishOutcome>();
  #isFull = false;
  #packetsThisTurn = 0;
  #packetsLastTurn = 0;

  /** @param onRoom - called when a socket that was full takes packets again. */
  constructor(socket: WritableSocket, level: ProtocolLevel, onRoom: () => void) {
    this.#socket = socket;
    this.#encoder = new PublishEncoder(level);
    socket.on("drain", () => {
      this.#isFull = false;
      this.#inSocket.resolveAll("sent");
      this.#sendWaiting();
      onRoom();
    });
  }

  /** Whether so much waits in the socket that nothing more should go there, until all of that is gone. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** False where it waits in the socket then. */
  #write(packet: Uint8Array): boolean {
    this.#beginTurn();
    const isTaken = this.#socket.write(packet);
    if (!isTaken) this.#isFull = this.#socket.writableLength >= MOST_WAITING_BYTES;
    return isTaken;
  }

  /** Writes a PUBACK, PUBREC, PUBREL or PUBCOMP, whatever waits. */
  writeAcknowledgement(type: number, messageId: number): void {
    const flags = type === PacketType.PUBREL ? PUBREL_FLAGS : 0;
    const id = [messageId >>> 8, messageId & 0xff];
    this.#write(Uint8Array.of((type << 4) | flags, id.length, ...id));
  }

  /** Writes a message; with QoS 1 and 2 under the packet identifier given. */
  writePublish({ message, deadline }: WantedPublish, messageId?: number): boolean {
    const expires = message.expires === true && deadline !== undefined;
    const expiryMs = expires ? usefulMs(deadline) : undefined;
    return this.#write(this.#encoder.encode(message, expiryMs, messageId));
  }

  /** Sends a message with QoS 0: it is "sent" when the socket has taken it. */
  publish(publish: WantedPublish): PublishOutcome | Promise<PublishOutcome> {
    const isWaiting = this.#isFull;
    if (!isWaiting && this.writePublish(publish)) return "sent";
    return settledWithin(publish.deadline, (settle) =>
      isWaiting ? this.#unsent.add({ ...publish, settle }) : this.#inSocket.add(settle),
    );
  }

  #sendWaiting(): void {
    while (!this.#isFull) {
      const next = this.#unsent.shift();
      if (next === undefined) return;
      // One whose time is over is told by its timer, which may be late.
      if (next.deadline !== undefined && isReached(next.deadline)) continue;
      if (this.writePublish(next)) next.settle.resolve("sent");
      else this.#inSocket.add(next.settle);
    }
  }

  /** Rejects everything that waits. */
  end(error: Error): void {
    this.#inSocket.rejectAll(() => error);
    for (let next = this.#unsent.shift(); next !== undefined; next = this.#unsent.shift()) {
      next.settle.reject(error);
    }
  }

  #beginTurn(): void {
    this.#packetsThisTurn += 1;
    const expectsMore = this.#packetsLastTurn > 1;
    if (this.#packetsThisTurn === 1) {
      if (expectsMore) this.#socket.cork();
      // Packets that came with one read are taken between promises, so all of them are answered by then.
      afterPromises(() => {
        if (expectsMore || this.#packetsThisTurn > 1) this.#socket.uncork();
        this.#packetsLastTurn = this.#packetsThisTurn;
        this.#packetsThisTurn = 0;
      });
    } else if (this.#packetsThisTurn === 2 && !expectsMore) {
      this.#socket.cork();
    }
  }
}
