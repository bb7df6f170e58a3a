import type { Clock } from "../runtime/platform.ts";
import type {
  DialRequest,
  Link,
  OutgoingMessage,
  PublishOutcome,
  Transport,
} from "../transport/transport.ts";

/** How unreliable what a simulated device sends is. */
export interface Unreliability {
  /** How much later everything arrives, in ms. */
  readonly latencyMs: number;
  /** How many of all messages are lost, from 0 to 1. */
  readonly lose: number;
  /** How many of those that arrive do so twice, from 0 to 1. */
  readonly duplicate: number;
}

/** What an unreliable transport works with. */
export interface UnreliableTransportOptions extends Unreliability {
  readonly transport: Transport;
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

/** Brings messages to the broker late, twice, or not at all, and counts what it does to them. */
export class UnreliableTransport implements Transport {
  readonly #options: UnreliableTransportOptions;
  lost = 0;
  duplicated = 0;

  constructor(options: UnreliableTransportOptions) {
    this.#options = options;
  }

  async dial(request: DialRequest): Promise<Link> {
    const link = await this.#options.transport.dial(request);
    const publish: Link["publish"] = (message, deadline) =>
      this.#publish(message, (copy) => link.publish(copy, deadline));
    return new Proxy(link, {
      get: (target, name) => {
        if (name === "publish") return publish;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  async #publish(
    message: OutgoingMessage,
    send: (message: OutgoingMessage) => PublishOutcome | Promise<PublishOutcome>,
  ): Promise<PublishOutcome> {
    const { latencyMs, lose, duplicate, clock, random } = this.#options;
    const isLost = random() < lose;
    const isTwice = random() < duplicate;
    if (latencyMs > 0) {
      await new Promise<void>((resolve) => {
        clock.startTimer(resolve, latencyMs);
      });
    }
    if (isLost) {
      this.lost += 1;
      return message.qos === 0 ? "sent" : "delivered";
    }
    const outcome = await send(message);
    if (!isTwice) return outcome;
    this.duplicated += 1;
    return send(message);
  }
}
