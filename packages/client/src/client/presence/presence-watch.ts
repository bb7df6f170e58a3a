import type { Deadline } from "../../runtime/deadline.ts";
import { throwIfReached, waitWithin } from "../../runtime/deadline.ts";
import { WaitSet } from "../../runtime/wait-set.ts";
import type { DevicePresence } from "./roster.ts";

/** What a watch needs from around it. */
export interface PresenceWatchPorts {
  /** Ends it; at the time it is simply over. */
  readonly deadline: Deadline;
  /** Begins to listen; resolves once changes come in. Returns how to end that. */
  readonly open: (watch: PresenceWatch) => Promise<() => void>;
}

/** What a watch fails with. */
interface WatchFault {
  readonly error: unknown;
}

type Result = IteratorResult<DevicePresence, undefined>;

const DONE: Result = { done: true, value: undefined };

/**
 * Devices that come and go, one after the other, for one consumer. While it is slow, each device has one place in
 * what waits for it, with the latest state: it misses states in between, and nothing grows without bound.
 */
export class PresenceWatch implements AsyncIterableIterator<DevicePresence, undefined> {
  readonly #ports: PresenceWatchPorts;
  readonly #pending = new Map<string, DevicePresence>();
  readonly #news = new WaitSet<undefined>();
  #opened: Promise<void> | undefined;
  #stop: (() => void) | undefined;
  #isOver = false;
  #fault: WatchFault | undefined;

  constructor(ports: PresenceWatchPorts) {
    this.#ports = ports;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly push = (presence: DevicePresence): void => {
    this.#pending.set(presence.identifier, presence);
    this.#news.resolveAll(undefined);
  };

  /** Ends it: what waits gets the fault, or learns that it is over. */
  end(fault?: WatchFault): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#fault = fault;
    this.#stop?.();
    this.#pending.clear();
    this.#news.resolveAll(undefined);
  }

  async next(): Promise<Result> {
    try {
      if (!this.#isOver) await (this.#opened ??= this.#open());
      const presence = await this.#take();
      if (presence !== undefined) return { done: false, value: presence };
    } catch (error) {
      // Where it was ended before, that is the reason.
      this.end(error instanceof WatchTimeOver ? undefined : { error });
    }
    return this.#finish();
  }

  /** The next change; undefined where it is over. */
  async #take(): Promise<DevicePresence | undefined> {
    while (!this.#isOver) {
      throwIfReached(this.#ports.deadline);
      const [first] = this.#pending.values();
      if (first !== undefined) {
        this.#pending.delete(first.identifier);
        return first;
      }
      await waitWithin<undefined>(this.#ports.deadline, (settle) => this.#news.add(settle));
    }
    return undefined;
  }

  /** An error is told once. */
  #finish(): Result {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault.error;
    return DONE;
  }

  async #open(): Promise<void> {
    if (this.#isOver) return;
    const stop = await this.#ports.open(this);
    if (this.#isOver) stop();
    else this.#stop = stop;
  }

  return(): Promise<Result> {
    this.end();
    return Promise.resolve(DONE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** What the deadline of a watch ends it with: nothing has failed. */
export class WatchTimeOver extends Error {}
