/** Bounds of a {@link WorkQueue}. */
export interface WorkQueueLimits {
  readonly maxRunning: number;
  readonly maxWaiting: number;
  /** Of all that waits, as it came off the wire. */
  readonly maxWaitingBytes: number;
}

/** What a task does, and what it holds until then. */
export interface Task {
  /** Must not reject. */
  readonly run: () => Promise<void>;
  readonly bytes: number;
}

/** Runs tasks in the order they were offered, some at once, and refuses more than it can hold. */
export class WorkQueue {
  readonly #limits: WorkQueueLimits;
  /** In the order of their arrival; a set takes its first out at once, however many wait. */
  readonly #waiting = new Set<Task>();
  #waitingBytes = 0;
  #running = 0;

  constructor(limits: WorkQueueLimits) {
    this.#limits = limits;
  }

  /** Starts the task now or as soon as one has ended; false when too many, or too large ones, wait. */
  offer(task: Task): boolean {
    const { maxRunning, maxWaiting, maxWaitingBytes } = this.#limits;
    if (this.#running < maxRunning) {
      void this.#run(task);
      return true;
    }
    const bytes = this.#waitingBytes + task.bytes;
    if (this.#waiting.size >= maxWaiting || bytes > maxWaitingBytes) return false;
    this.#waiting.add(task);
    this.#waitingBytes = bytes;
    return true;
  }

  /** Forgets the tasks that have not been started. */
  clear(): void {
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  async #run(first: Task): Promise<void> {
    this.#running += 1;
    for (let task: Task | undefined = first; task !== undefined; task = this.#takeNext()) {
      await task.run();
    }
    this.#running -= 1;
  }

  #takeNext(): Task | undefined {
    for (const task of this.#waiting) {
      this.#waiting.delete(task);
      this.#waitingBytes -= task.bytes;
      return task;
    }
    return undefined;
  }
}
