import type { Deadline } from "../runtime/deadline.ts";
import { settleWithin } from "../runtime/deadline.ts";

/** From `connect()` to `close()`, across as many links as that takes. */
export class DialSession {
  /** Ends every dial of it. */
  readonly abort: AbortController = new AbortController();
  /** The first dial, which every `connect()` of this session waits for. */
  readonly #opened: Promise<void>;
  #callers = 0;

  constructor(open: (session: DialSession) => Promise<void>) {
    // A turn later: whoever is told of "connecting" may close the client, or connect as well.
    this.#opened = Promise.resolve().then(() => open(this));
    // Every caller of connect() gets the failure; without one left, nobody is interested.
    this.#opened.catch(() => undefined);
  }

  /** Waits for the first dial; `onAbandoned` is called when the last of those who wait gives up or fails. */
  async join(deadline: Deadline, onAbandoned: (error: unknown) => void): Promise<void> {
    this.#callers += 1;
    try {
      await settleWithin(deadline, this.#opened);
    } catch (error) {
      if (this.#callers === 1) onAbandoned(error);
      throw error;
    } finally {
      this.#callers -= 1;
    }
  }
}
