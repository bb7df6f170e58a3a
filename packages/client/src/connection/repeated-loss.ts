import type { Clock } from "../runtime/clock.ts";

/** A link that goes so soon after a call was sent, in ms, may have gone because of it. */
const SUSPICIOUS_MS = 1_000;
/** Once may be chance. */
const MOST_LOSSES = 2;

/**
 * Tells whether it is one call over which the broker ends every link: some close the connection on a topic
 * or a filter that they dislike, and sent again it would cost the next link too (MQTT 5 §4.13).
 */
export class RepeatedLoss {
  readonly #clock: Clock;
  #sentAt = 0;
  #losses = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be told of each sending. */
  noteSent(): void {
    this.#sentAt = this.#clock.monotonicMs();
  }

  /** To be asked after each loss of the link: whether the call is to be given up. */
  isTheCall(): boolean {
    if (this.#clock.monotonicMs() - this.#sentAt < SUSPICIOUS_MS) this.#losses += 1;
    else this.#losses = 0;
    return this.#losses >= MOST_LOSSES;
  }
}
