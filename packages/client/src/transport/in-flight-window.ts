/**
 * Keeps the number of unacknowledged QoS 1 and 2 publishes within what the broker takes at once
 * (MQTT 5 §4.9). Those beyond wait in order.
 */
export class InFlightWindow {
  readonly #size: number;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Calls `send` now or as soon as there is room. Every call must be paired with one `release()`. */
  enter(send: () => void): void {
    if (this.#inFlight < this.#size) {
      this.#inFlight += 1;
      send();
    } else {
      this.#waiting.push(send);
    }
  }

  /** Gives one place to the publish that has waited longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inFlight -= 1;
    else next();
  }
}
