import { LinkLostError } from "../errors/connection-errors.ts";
import type { Clock } from "../runtime/platform.ts";
import type { Deadline } from "../runtime/deadline.ts";
import type { Link } from "../transport/transport.ts";

/** A link that goes so soon after a call was sent, in ms, may have gone because of it. */
const SUSPICIOUS_MS = 1_000;
/** Once may be chance. */
const MOST_LOSSES = 2;

/** What the calls need of the connection. */
export interface CallPorts {
  readonly clock: Clock;
  readonly broker: string;
  /** The link as soon as there is one, other than the one that was found lost. */
  readonly ready: (operation: string, deadline: Deadline, lost: Link | undefined) => Promise<Link>;
  /** The error of a call that was under way when the client closed; undefined while it is open. */
  readonly endError: (operation: string) => Error | undefined;
}

/** One call, as far as its way across links is concerned. */
export interface CallAcrossLinks {
  /** A verb, for errors. */
  readonly operation: string;
  readonly deadline: Deadline;
  /** Whether it is made again on the next link when the one that it was made on is lost. */
  readonly isRepeatable: boolean;
}

/** A call between its first sending and its end. */
interface SentCall {
  sentAt: number;
  /** Links in a row that went right after it was sent. */
  losses: number;
}

/**
 * Makes calls again when their link is lost, but none over which the broker ends the links: some close the
 * connection on a topic or a filter that they dislike, and it would cost the next link, too (MQTT 5 §4.13). As
 * brokers answer in order, that call is the oldest one without an answer; the others go on.
 */
export class CallsAcrossLinks {
  readonly #ports: CallPorts;
  readonly #unanswered = new Set<SentCall>();

  constructor(ports: CallPorts) {
    this.#ports = ports;
  }

  /** To be told of each link that is lost, before its calls learn of it. */
  noteLoss(): void {
    const [oldest] = this.#unanswered;
    this.#unanswered.clear();
    if (oldest === undefined) return;
    const isSudden = this.#ports.clock.monotonicMs() - oldest.sentAt < SUSPICIOUS_MS;
    oldest.losses = isSudden ? oldest.losses + 1 : 0;
  }

  /**
   * @param attempt - makes the call on a link; `isRepeat` tells that it was made before.
   * @throws {LinkLostError} the link is lost and the call is not repeatable, or two links went right after it was sent.
   */
  async run<T>(
    { operation, deadline, isRepeatable }: CallAcrossLinks,
    attempt: (link: Link, isRepeat: boolean) => Promise<T>,
  ): Promise<T> {
    const call: SentCall = { sentAt: 0, losses: 0 };
    let lost: Link | undefined;
    try {
      for (;;) {
        const link = await this.#ports.ready(operation, deadline, lost);
        this.#noteSent(call);
        try {
          return await attempt(link, lost !== undefined);
        } catch (error) {
          if (!(error instanceof LinkLostError)) throw error;
          const end = this.#ports.endError(operation);
          if (end !== undefined) throw end;
          if (!isRepeatable) throw error;
          this.#assertBearable(call, error);
          lost = link;
        }
      }
    } finally {
      this.#unanswered.delete(call);
    }
  }

  #noteSent(call: SentCall): void {
    call.sentAt = this.#ports.clock.monotonicMs();
    // At the end, as the latest.
    this.#unanswered.delete(call);
    this.#unanswered.add(call);
  }

  #assertBearable({ losses }: SentCall, cause: LinkLostError): void {
    if (losses < MOST_LOSSES) return;
    throw new LinkLostError(this.#ports.broker, { cause, isOverThisCall: true });
  }
}
