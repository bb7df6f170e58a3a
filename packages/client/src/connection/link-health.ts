import type { Clock } from "../runtime/platform.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Link, PublishOutcome } from "../transport/transport.ts";

/** Longest wait for a sign of life after a ping, in ms. */
export const PROBE_MS = 2_000;

/** A broker may take a while under load, however hasty its client. */
const SHORTEST_ACKNOWLEDGEMENT_MS = 2_000;

/** What the watch over the links needs. */
export interface LinkHealthOptions {
  readonly clock: Clock;
  /** Longest time for a dial, in ms: an acknowledgement may take as long, but at least 2 s. */
  readonly dialTimeoutMs: number;
  readonly logger: Logger | undefined;
}

/** Ends links that look alive and are not: a peer that has vanished, a broker that has forgotten an acknowledgement. */
export class LinkHealth {
  readonly #options: LinkHealthOptions;
  #link: Link | undefined;
  #stopProbe: (() => void) | undefined;
  #stopPublishWatch: (() => void) | undefined;
  /** Calls that wait for the acknowledgement of a publish. */
  #publishes = 0;

  constructor(options: LinkHealthOptions) {
    this.#options = options;
  }

  /** To be told of the link that is in use from now on. */
  follow(link: Link | undefined): void {
    this.#link = link;
    this.#stopProbe?.();
    this.#stopProbe = undefined;
    this.#stopPublishWatch?.();
    this.#stopPublishWatch = undefined;
  }

  /** Pings the broker, and ends the link when nothing at all comes of it. One ping at a time. */
  probe(): void {
    const link = this.#link;
    if (link === undefined || this.#stopProbe !== undefined) return;
    const { activity } = link;
    link.probe();
    this.#stopProbe = this.#options.clock.startTimer(() => {
      this.#stopProbe = undefined;
      if (link.activity === activity) {
        this.#end(link, `no answer to a ping within ${String(PROBE_MS)} ms`);
      }
    }, PROBE_MS);
  }

  /** Waits for the acknowledgement of a packet, and ends the link when it does not come. */
  async expect<T>(link: Link, packet: "SUBACK" | "UNSUBACK", answer: Promise<T>): Promise<T> {
    const stopTimer = this.#options.clock.startTimer(() => {
      this.#end(link, `no ${packet} within ${String(this.#acknowledgementMs)} ms`);
    }, this.#acknowledgementMs);
    try {
      return await answer;
    } finally {
      stopTimer();
    }
  }

  /**
   * Waits for the outcome of a publish, and ends the link when the broker leaves any of them unacknowledged: in
   * once to twice the time, since one timer serves all.
   */
  async expectPublish(link: Link, outcome: Promise<PublishOutcome>): Promise<PublishOutcome> {
    this.#publishes += 1;
    if (link === this.#link) this.#stopPublishWatch ??= this.#watchPublishes(link);
    try {
      return await outcome;
    } finally {
      this.#publishes -= 1;
    }
  }

  #watchPublishes(link: Link): () => void {
    const oldestBefore = link.oldestPublish;
    return this.#options.clock.startTimer(() => {
      this.#stopPublishWatch = undefined;
      const oldest = link.oldestPublish;
      if (oldest !== undefined && oldest === oldestBefore) {
        const time = `within ${String(this.#acknowledgementMs)} ms`;
        this.#end(link, `no acknowledgement of a message ${time}`);
      } else if (oldest !== undefined || this.#publishes > 0) {
        this.#stopPublishWatch = this.#watchPublishes(link);
      }
    }, this.#acknowledgementMs);
  }

  get #acknowledgementMs(): number {
    return Math.max(SHORTEST_ACKNOWLEDGEMENT_MS, this.#options.dialTimeoutMs);
  }

  #end(link: Link, why: string): void {
    this.#options.logger?.warn({ why }, "the broker does not answer: the link is ended");
    link.abort(new Error(why));
  }
}
