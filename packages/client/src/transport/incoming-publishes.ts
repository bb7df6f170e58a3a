import { ProtocolFault } from "./packet-frames.ts";
import { PacketType } from "./packet-type.ts";
import type { IncomingPublish } from "./publish-decoder.ts";
import type { IncomingMessage } from "./transport.ts";

const { PUBACK, PUBREC, PUBCOMP } = PacketType;

/** Messages of QoS 2 that the broker may have under way at once: told in CONNECT (MQTT 5 §3.1.2.11.3). */
export const RECEIVE_MAXIMUM = 1_024;
const RECEIVE_MAXIMUM_EXCEEDED = 0x93;

/** Answers a packet of this type by its identifier. */
export type Acknowledge = (type: number, messageId: number) => void;

/**
 * Acknowledges what comes with QoS 1 and 2, and tells what is a copy. A message of QoS 2 is passed on when it comes,
 * and only its identifier is kept until the broker releases it (MQTT 5 §4.3.3).
 */
export class IncomingPublishes {
  readonly #acknowledge: Acknowledge;
  readonly #unreleased = new Set<number>();

  constructor(acknowledge: Acknowledge) {
    this.#acknowledge = acknowledge;
  }

  /** Delivers a message with QoS 1 or 2, if it is no copy, and acknowledges it. */
  take(publish: IncomingPublish, deliver: (message: IncomingMessage) => void): void {
    const { message, messageId } = publish;
    if (message.qos === 2) {
      this.#takeOnce(publish, deliver);
      return;
    }
    deliver(message);
    this.#acknowledge(PUBACK, messageId);
  }

  #takeOnce(
    { message, messageId }: IncomingPublish,
    deliver: (message: IncomingMessage) => void,
  ): void {
    if (!this.#unreleased.has(messageId)) {
      if (this.#unreleased.size >= RECEIVE_MAXIMUM) {
        const what = `more than ${String(RECEIVE_MAXIMUM)} unreleased messages`;
        throw new ProtocolFault(what, RECEIVE_MAXIMUM_EXCEEDED);
      }
      this.#unreleased.add(messageId);
      deliver(message);
    }
    this.#acknowledge(PUBREC, messageId);
  }

  /** The broker knows that it has come. */
  release(messageId: number): void {
    this.#unreleased.delete(messageId);
    this.#acknowledge(PUBCOMP, messageId);
  }
}
