import type { Connection } from "../connection/connection.ts";
import type { MessageRunner } from "../handlers/runner.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { settleWithin } from "../runtime/deadline.ts";
import type { DisconnectOptions } from "./drain.ts";
import { readDrainMs } from "./drain.ts";
import type { IncomingRequests } from "./incoming-requests.ts";
import type { Presence } from "./presence/presence.ts";

/** What leaving takes. */
export interface DepartureOptions {
  readonly connection: Connection;
  readonly requests: IncomingRequests;
  readonly presence: Presence;
  readonly runner: Pick<MessageRunner, "hasIncoming">;
}

/** How a client leaves: it says so, answers what it has taken, and closes the link. */
export class Departure {
  readonly #options: DepartureOptions;
  /** Until the link is closed. */
  #leaving: Promise<void> | undefined;
  /** Until it may be closed: the drain, and the last status. */
  #farewell: Promise<boolean> | undefined;

  constructor(options: DepartureOptions) {
    this.#options = options;
  }

  /** Resolves once the client may connect again; undefined: it may at once. */
  over(deadline: Deadline): Promise<unknown> | undefined {
    return this.#farewell && settleWithin(deadline, this.#farewell);
  }

  /** See `MQTTClient.disconnect`. */
  async begin(options: DisconnectOptions): Promise<void> {
    const { connection, requests, runner } = this.#options;
    const drainMs = readDrainMs(options, runner.hasIncoming);
    if (connection.state.kind === "online") {
      requests.beginDrain(drainMs);
      this.#farewell ??= this.#sayFarewell();
    }
    await (this.#leaving ??= this.#leave());
  }

  /** What is to be done before the link is closed: whether the others know then. Undefined: nothing. */
  #sayFarewell(): Promise<boolean> | undefined {
    const { presence, requests } = this.#options;
    const left = presence.leave();
    const { drained } = requests;
    if (left === undefined && drained === undefined) return undefined;
    return Promise.all([left, drained]).then(([isTold]) => isTold !== false);
  }

  async #leave(): Promise<void> {
    // Where the broker has not taken the last status, it is to publish the Last Will.
    const isTold = this.#farewell === undefined || (await this.#farewell);
    this.#farewell = undefined;
    const cause = isTold ? undefined : new Error("the client was disconnected");
    const closed = this.#options.connection.close(cause);
    // Who connects from now on has another link to leave.
    await Promise.resolve();
    this.#leaving = undefined;
    await closed;
  }
}
