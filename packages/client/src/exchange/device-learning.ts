import { remainingMs, waitWithin } from "../runtime/deadline.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { WaitSet } from "../runtime/wait-set.ts";
import type { DeviceAddress } from "./response-routing.ts";

/** Longest wait for what another request learns, in ms. A SUBSCRIBE can take longer on a cluster of brokers. */
const PATIENCE_MS = 250;

/** One request on its way to a device of which it is unknown how it answers. */
export class Learner {
  /** Whether the topic of its own response is subscribed. */
  isSubscribed = false;
  readonly waits: WaitSet<undefined> = new WaitSet();
  /** In monotonic ms. */
  readonly startedAt: number;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }
}

const keyOf = ({ subsystem, target }: DeviceAddress): string => `${subsystem}/${target}`;

/**
 * Lets one request at a time ask an unknown device on two topics: the others wait for what it learns, so that
 * a burst of first requests costs one subscription.
 */
export class DeviceLearning {
  readonly #learners = new Map<string, Learner>();

  /** The request that is learning about a device now. */
  learnerOf(address: DeviceAddress): Learner | undefined {
    return this.#learners.get(keyOf(address));
  }

  /** @param now - in monotonic ms. */
  begin(address: DeviceAddress, now: number): Learner {
    const learner = new Learner(now);
    this.#learners.set(keyOf(address), learner);
    return learner;
  }

  /** To be told when a device has become known, and when its learner has ended in whatever way. */
  end(address: DeviceAddress, learner: Learner | undefined = this.learnerOf(address)): void {
    const key = keyOf(address);
    if (learner === undefined || this.#learners.get(key) !== learner) return;
    this.#learners.delete(key);
    learner.waits.resolveAll(undefined);
  }

  /** Ends every wait: the client has closed. */
  endAll(): void {
    const learners = [...this.#learners.values()];
    this.#learners.clear();
    for (const { waits } of learners) waits.resolveAll(undefined);
  }

  /**
   * Waits until the learner has ended, for so long at most.
   *
   * @param waitedMs - how long this request has waited for others before, or the learner for its answer.
   * @throws what the deadline says, when it is reached meanwhile.
   */
  async wait({ waits }: Learner, deadline: Deadline, waitedMs: number): Promise<void> {
    const { clock } = deadline;
    const patienceMs = Math.min(PATIENCE_MS - waitedMs, remainingMs(deadline));
    await waitWithin<undefined>(deadline, (settle) => {
      const leave = waits.add(settle);
      const stopTimer = clock.startTimer(() => {
        settle.resolve(undefined);
      }, patienceMs);
      return () => {
        leave();
        stopTimer();
      };
    });
  }

  /** Whether a request that has waited so long, in ms, may wait on. */
  hasPatience(waitedMs: number): boolean {
    return waitedMs < PATIENCE_MS;
  }
}
