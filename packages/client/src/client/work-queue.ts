/** Bounds of a {@link WorkQueue}. */
export interface WorkQueueLimits {
  readonly maxRunning: number;
  readonly maxWaiting: number;
}

/** Runs tasks in the order they were offered, some at once, and refuses more than it can hold. */
export class WorkQueue {
  readonly #limits: WorkQueueLimits;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;

  constructor(limits: WorkQueueLimits) {
    this.#limits = limits;
  }

  /** Starts the task now or as soon as one has ended; false when too many wait. The task must not reject. */
  offer(task: () => Promise<void>): boolean {
    if (this.#running < this.#limits.maxRunning) {
      void this.#run(task);
      return true;
    }
    if (this.#waiting.length >= this.#limits.maxWaiting) return false;
    this.#waiting.push(task);
    return true;
  }

  /** Forgets the tasks that have not been started. */
  clear(): void {
    this.#waiting.length = 0;
  }

  async #run(first: () => Promise<void>): Promise<void> {
    this.#running += 1;
    for (
      let task: typeof first | undefined = first;
      task !== undefined;
      task = this.#waiting.shift()
    ) {
      await task();
    }
    this.#running -= 1;
  }
}
