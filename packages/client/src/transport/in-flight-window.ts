import type { Settle } from "../runtime/deadline.ts";
import { isReached } from "../runtime/deadline.ts";
import type { ControlPacket } from "./control-packet.ts";
import { PROTOCOL_ERROR, ProtocolFault } from "./packet-frames.ts";
import { PacketType } from "./packet-type.ts";
import type { WantedPublish } from "./packet-writer.ts";
import { settledWithin } from "./packet-writer.ts";
import type { PublishOutcome, QoS } from "./transport.ts";
import { WaitQueue } from "./wait-queue.ts";

const { PUBACK, PUBREC, PUBCOMP } = PacketType;
const NO_MATCHING_SUBSCRIBERS = 0x10;
const FIRST_FAILURE = 0x80;

interface Waiting extends WantedPublish {
  readonly settle: Settle<PublishOutcome>;
}

/** A publish under way: no longer its bytes, but who waits for the end of it. */
interface Sent {
  /** A number of its own; another one once PUBCOMP is due. */
  sequence: number;
  readonly topic: string;
  readonly qos: QoS;
  readonly settle: Settle<PublishOutcome>;
  /** What PUBREC told: the message is with the broker, PUBCOMP is still to come. */
  received?: PublishOutcome;
}

/** What the window needs. */
export interface WindowPorts {
  /** Gives out packet identifiers that are not in use, and takes them back. */
  readonly ids: { allocate(): number | null; deallocate(id: number): unknown };
  /** Whether the socket takes packets. */
  readonly canSend: () => boolean;
  readonly send: (publish: WantedPublish, messageId: number) => void;
  /** Releases a message with QoS 2 (PUBREL). */
  readonly release: (messageId: number) => void;
  /** Makes the error of a publish that the broker refused. */
  readonly refusal: (topic: string, acknowledgement: ControlPacket) => Error;
}

/**
 * The publishes with QoS 1 and 2 of one link: keeps the number of unacknowledged ones within what the broker
 * takes at once (MQTT 5 §4.9). Those beyond wait in order, and leave the queue when nobody waits for them any more.
 */
export class InFlightWindow {
  readonly #size: number;
  readonly #ports: WindowPorts;
  readonly #waiting = new WaitQueue<Waiting>();
  /** Those whose acknowledgement is due for longest first. */
  readonly #sent = new Map<number, Sent>();
  #lastSequence = 0;
  #end: Error | undefined;
  #onIdle: () => void = () => {};

  constructor(size: number, ports: WindowPorts) {
    this.#size = size;
    this.#ports = ports;
  }

  /** The number of the publish that has waited longest for the acknowledgement that is due next. */
  get oldest(): number | undefined {
    const [oldest] = this.#sent.values();
    return oldest?.sequence;
  }

  get isIdle(): boolean {
    return this.#sent.size === 0;
  }

  /** Sends a message as soon as there is room, and waits for the acknowledgement, up to the deadline. */
  publish(publish: WantedPublish): Promise<PublishOutcome> {
    return settledWithin(publish.deadline, (settle) => {
      const leave = this.#waiting.add({ ...publish, settle });
      if (this.#end === undefined) this.fill();
      else settle.reject(this.#end);
      return leave;
    });
  }

  /** Sends what waits, as far as there is room. */
  fill(): void {
    const { ids, canSend } = this.#ports;
    while (this.#waiting.size > 0 && this.#sent.size < this.#size && canSend()) {
      const id = ids.allocate();
      if (id === null) return;
      const next = this.#nextWanted();
      if (next === undefined) ids.deallocate(id);
      else this.#send(next, id);
    }
  }

  #nextWanted(): Waiting | undefined {
    for (;;) {
      const next = this.#waiting.shift();
      // One whose time is over is told by its timer, which may be late.
      if (next?.deadline === undefined || !isReached(next.deadline)) return next;
    }
  }

  #send(publish: Waiting, id: number): void {
    const { message, settle } = publish;
    const { topic, qos } = message;
    this.#sent.set(id, { sequence: (this.#lastSequence += 1), topic, qos, settle });
    this.#ports.send(publish, id);
  }

  /** Takes a PUBACK, PUBREC or PUBCOMP. One for a publish that is not under way means nothing. */
  acknowledge(acknowledgement: ControlPacket): void {
    const { type, messageId, reasonCode } = acknowledgement;
    const sent = this.#sent.get(messageId);
    if (sent === undefined) return;
    if ((sent.qos === 1) !== (type === PUBACK)) {
      const what = `an acknowledgement of type ${String(type)} for a message of QoS ${String(sent.qos)}`;
      throw new ProtocolFault(what, PROTOCOL_ERROR);
    }
    const outcome = reasonCode === NO_MATCHING_SUBSCRIBERS ? "no-subscribers" : "delivered";
    if (type === PUBREC && reasonCode < FIRST_FAILURE) {
      sent.received ??= outcome;
      sent.sequence = this.#lastSequence += 1;
      this.#sent.delete(messageId);
      this.#sent.set(messageId, sent);
      this.#ports.release(messageId);
      return;
    }
    if (type === PUBCOMP) sent.settle.resolve(sent.received ?? outcome);
    else if (reasonCode < FIRST_FAILURE) sent.settle.resolve(outcome);
    else sent.settle.reject(this.#ports.refusal(sent.topic, acknowledgement));
    this.#free(messageId);
  }

  #free(messageId: number): void {
    this.#sent.delete(messageId);
    this.#ports.ids.deallocate(messageId);
    if (this.#end === undefined) this.fill();
    if (this.isIdle) this.#onIdle();
  }

  /** Rejects what has not been sent, and whatever comes from now on; calls back when nothing is under way any more. */
  drain(error: Error, onIdle: () => void): void {
    this.#end = error;
    this.#onIdle = onIdle;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.settle.reject(error);
    }
    if (this.isIdle) onIdle();
  }

  /** Rejects everything. */
  end(error: Error): void {
    this.drain(error, () => {});
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    for (const { settle } of sent) settle.reject(error);
  }
}
