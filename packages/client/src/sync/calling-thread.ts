import { NestedCallError } from "../errors/input-errors.ts";
import { Wakeup } from "./shared-cells.ts";

/** Handlers that may be under way, one within the call of the other, when a further message is taken. */
const MOST_SERVING = 32;
/** The same when a handler makes a call: those of responses run within the call that waits for them. */
const MOST_NESTED = 64;
/** How long a call that needs no handler leaves messages to the handler it was made in, in ms. */
const PATIENCE_MS = 20;
/** Longest park in one piece, in ms: after each, the pulse of the workers is felt. */
const LONGEST_PARK_MS = 250;

/** The worker of a client, as far as the thread that parks has to know it. */
export interface ServedWorker {
  /** Why it is gone; undefined while it is there. */
  readonly fault: object | undefined;
  /** Whether there are messages for the handlers that have been received and not handled. */
  readonly hasBacklog: boolean;
  /** How long to look for a message before parking for it, in ms. */
  readonly spinMs: number;
  /** Receives the oldest message that is there; false: there is none. Never throws. */
  receiveNext(): boolean;
  /** Has the oldest message of the backlog handled. Never throws. */
  serveNext(): void;
  /** Told when the thread has slept for a while: looks whether the worker lives. */
  feelPulse(): void;
}

/** What a call waits for, and how long. */
export interface Wait {
  /** As a verb, for errors. */
  readonly operation: string;
  /** Longest wait, in ms; the worker keeps the deadline, this is for when it does not. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether handlers may have to run before the call can end. */
  readonly isServing: boolean;
}

/** What a thread parks for. */
export interface Park extends Pick<Wait, "timeoutMs" | "isServing"> {
  /** The worker that is waited for; undefined: only for time to pass. */
  readonly worker: ServedWorker | undefined;
  readonly isOver: () => boolean;
}

/**
 * The thread that blocking clients are used in. What parks is the thread and not a client of it, so while it waits
 * for one, the others are served, too: two that ask each other would wait for ever otherwise.
 */
class CallingThread {
  readonly #workers = new Set<ServedWorker>();
  #wakeup: Wakeup | undefined;
  /** Handlers under way, one within the call of the other. */
  #depth = 0;
  #isDue = false;
  /** Only where the last wait was short enough: looking in vain keeps a core from those that are waited for. */
  #isSpinning = true;

  /** By which all workers wake this thread. */
  get wakeup(): Wakeup {
    return (this.#wakeup ??= new Wakeup());
  }

  /** From now on, the worker is served whenever the thread parks. */
  add(worker: ServedWorker): void {
    this.#workers.add(worker);
  }

  delete(worker: ServedWorker): void {
    this.#workers.delete(worker);
  }

  /** @throws {NestedCallError} too many handlers are under way. */
  assertShallow(operation: string, needsHandler: boolean): void {
    const most = needsHandler ? MOST_SERVING : MOST_NESTED;
    if (this.#depth >= most) throw new NestedCallError(operation, this.#depth);
  }

  /** Whether a handler is under way. */
  get isServing(): boolean {
    return this.#depth > 0;
  }

  /** Counts what runs meanwhile as one handler. */
  handle(action: () => void): void {
    this.#depth += 1;
    try {
      action();
    } finally {
      this.#depth -= 1;
    }
  }

  /** Parks until it is over, serving meanwhile; false: the time went by, or the worker is gone. */
  park(park: Park): boolean {
    const startedAt = performance.now();
    const endsAt = startedAt + park.timeoutMs;
    const servesAt = park.isServing || this.#depth === 0 ? startedAt : startedAt + PATIENCE_MS;
    for (;;) {
      const seen = this.wakeup.count;
      // Read first: what the worker said before its end is received then.
      const fault = park.worker?.fault;
      this.#receive(park);
      if (park.isOver()) break;
      const now = performance.now();
      if (now >= servesAt && this.#serveOne()) continue;
      if (fault !== undefined || now >= endsAt) {
        this.#serveSoon();
        return false;
      }
      const wakesAt = this.#hasBacklog && this.#depth < MOST_SERVING ? servesAt : endsAt;
      this.#wait(seen, Math.min(wakesAt, endsAt) - now, park.worker?.spinMs ?? 0);
    }
    this.#serveSoon();
    return true;
  }

  #receive({ worker, isOver }: Park): void {
    if (worker !== undefined) while (!isOver() && worker.receiveNext());
    for (const other of this.#workers) while (!isOver() && other.receiveNext());
  }

  #wait(seen: number, timeoutMs: number, spinMs: number): void {
    const beganAt = performance.now();
    if (this.#isSpinning && this.#spin(seen, beganAt + Math.min(spinMs, timeoutMs))) return;
    const isWoken = this.wakeup.park(seen, Math.min(timeoutMs, LONGEST_PARK_MS));
    this.#isSpinning = performance.now() - beganAt < spinMs;
    if (isWoken || timeoutMs < LONGEST_PARK_MS) return;
    for (const worker of this.#workers) worker.feelPulse();
  }

  #spin(seen: number, endsAt: number): boolean {
    while (performance.now() < endsAt) if (this.wakeup.count !== seen) return true;
    return false;
  }

  get #hasBacklog(): boolean {
    for (const worker of this.#workers) if (worker.hasBacklog) return true;
    return false;
  }

  #serveOne(): boolean {
    if (this.#depth >= MOST_SERVING) return false;
    for (const worker of this.#workers) {
      if (!worker.hasBacklog) continue;
      // In turn: the last one that was served is the last one to be served again.
      this.#workers.delete(worker);
      this.#workers.add(worker);
      worker.serveNext();
      return true;
    }
    return false;
  }

  /** Has everything handled that has been received: what the event loop does. */
  serveAll(): void {
    while (this.#serveOne());
  }

  /** Leaves what is left to the event loop, once whoever called has nothing more to do. */
  #serveSoon(): void {
    if (this.#isDue || this.#depth > 0 || !this.#hasBacklog) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.serveAll();
    });
  }
}

/**
 * This thread: a thread imports the module anew. It has to be one for all clients, which know nothing of each
 * other; it holds those only that have a worker, which are held by that anyway.
 */
export const callingThread: CallingThread = new CallingThread();
