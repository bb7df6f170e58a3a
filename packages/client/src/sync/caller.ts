import { NestedCallError } from "../errors/input-errors.ts";
import { WorkerLostError } from "../errors/connection-errors.ts";
import type { ClientThread } from "./client-thread.ts";
import type { Answer, Ask, CallName, CallResult, ResultMessage, ToCaller } from "./messages.ts";

/** Handlers that may be under way, one within the call of the other, when a further message is taken. */
const MOST_SERVING = 32;
/** The same when a handler makes a call: those of responses run within the call that waits for them. */
const MOST_NESTED = 64;
/** How long a call that needs no handler leaves messages to the handler it was made in, in ms. */
const PATIENCE_MS = 20;
/** How much longer than its own deadline a call may take, in ms, before the worker counts as lost. */
const GRACE_MS = 5_000;

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

/** A call to be made. */
export interface Call {
  readonly name: CallName;
  /** Without a signal: that stays here. */
  readonly options: object;
  readonly args: readonly unknown[];
}

/** What the caller does with what the worker tells and asks. */
export interface CallerEvents {
  readonly onState: (message: Extract<ToCaller, { type: "state" }>) => void;
  readonly onLog: (message: Extract<ToCaller, { type: "log" }>) => void;
  readonly onFatal: (thread: ClientThread, message: Extract<ToCaller, { type: "fatal" }>) => void;
  /** A call that nobody waits for has ended. */
  readonly onLateResult: (id: number, result: CallResult) => void;
  readonly answer: (ask: Ask) => Answer;
}

/** Runs in the thread that calls: sends calls, parks, and meanwhile does what the worker asks for. */
export class Caller {
  readonly #broker: string;
  readonly #events: CallerEvents;
  /** Calls that are waited for, with their results once these are there. */
  readonly #results = new Map<number, CallResult | undefined>();
  /** Messages for the handlers that may wait, oldest first. */
  readonly #backlog: { readonly id: number; readonly ask: Ask }[] = [];
  #thread: ClientThread | undefined;
  #calls = 0;
  #depth = 0;
  #isDue = false;

  constructor(broker: string, events: CallerEvents) {
    this.#broker = broker;
    this.#events = events;
  }

  /** Works with this thread from now on; calls to an earlier one end. */
  use(thread: ClientThread | undefined): void {
    this.#thread = thread;
    this.#backlog.length = 0;
  }

  /** @throws {NestedCallError} too many handlers are under way. */
  assertShallow(operation: string, needsHandler: boolean): void {
    const most = needsHandler ? MOST_SERVING : MOST_NESTED;
    if (this.#depth >= most) throw new NestedCallError(operation, this.#depth);
  }

  /** Sends a call that nobody waits for; gives its number. */
  send(thread: ClientThread, { name, options, args }: Call, isCancellable = false): number {
    this.#calls += 1;
    thread.postCall([this.#calls, name, isCancellable, options, ...args]);
    return this.#calls;
  }

  /**
   * Sends a call and waits for its result, serving meanwhile.
   *
   * @throws {WorkerLostError} the worker has ended, or does not answer.
   * @throws the signal's reason, when it is aborted by a handler.
   */
  call(thread: ClientThread, call: Call, wait: Wait): CallResult {
    const { signal, operation } = wait;
    signal?.throwIfAborted();
    const id = this.send(thread, call, signal !== undefined);
    // At once: what the handler that aborts it does afterwards comes later for the worker, too.
    const cancel = (): void => {
      thread.post({ type: "cancel", id });
    };
    signal?.addEventListener("abort", cancel);
    this.#results.set(id, undefined);
    try {
      const isOver = (): boolean => this.#results.get(id) !== undefined || signal?.aborted === true;
      this.park(thread, isOver, { ...wait, timeoutMs: wait.timeoutMs + GRACE_MS });
      const result = this.#results.get(id);
      if (result !== undefined) return result;
      signal?.throwIfAborted();
      thread.fail(`it did not answer for ${String(GRACE_MS)} ms`);
      throw this.#lost(thread, operation);
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#results.delete(id);
    }
  }

  #lost(thread: ClientThread, operation: string): WorkerLostError {
    const { why = "it ended", cause } = thread.fault ?? {};
    return new WorkerLostError(operation, this.#broker, { why, cause });
  }

  /**
   * Parks until `isOver` says so, at the latest after the wait's time, serving meanwhile.
   *
   * @throws {WorkerLostError} the worker has ended.
   */
  park(thread: ClientThread, isOver: () => boolean, wait: Omit<Wait, "signal">): void {
    const startedAt = performance.now();
    const endsAt = startedAt + wait.timeoutMs;
    const servesAt = wait.isServing || this.#depth === 0 ? startedAt : startedAt + PATIENCE_MS;
    for (;;) {
      const seen = thread.cells.rings;
      const { fault } = thread;
      this.#receive(thread, isOver);
      if (isOver()) break;
      const now = performance.now();
      if (this.#mayServe(now, servesAt)) {
        this.#serveOne(thread);
        continue;
      }
      // What it said before its end has been received by now.
      if (fault !== undefined) throw this.#lost(thread, wait.operation);
      if (now >= endsAt) break;
      const wakesAt = this.#backlog.length > 0 && this.#depth < MOST_SERVING ? servesAt : endsAt;
      thread.wait(seen, Math.min(wakesAt, endsAt) - now);
    }
    if (this.#backlog.length > 0) this.#serveSoon(thread);
  }

  #mayServe(now: number, servesAt: number): boolean {
    return this.#backlog.length > 0 && this.#depth < MOST_SERVING && now >= servesAt;
  }

  #receive(thread: ClientThread, isOver: () => boolean): void {
    while (!isOver()) {
      const message = thread.receive();
      if (message === undefined) return;
      this.#take(thread, message);
    }
  }

  /** Takes what is left before a thread is let go. */
  takeRest(thread: ClientThread): void {
    this.#receive(thread, () => false);
  }

  /** Takes a message that came to the event loop. */
  takeIdly(thread: ClientThread, message: ToCaller): void {
    this.#take(thread, message);
    this.#serveAll(thread);
  }

  #take(thread: ClientThread, message: ToCaller): void {
    if (!("type" in message)) {
      this.#takeResult(message);
      return;
    }
    switch (message.type) {
      case "ask":
        // Somebody waits for what the others give.
        if (message.ask.kind === "request" || message.ask.kind === "general") {
          this.#backlog.push(message);
        } else {
          this.#answer(thread, message);
        }
        return;
      case "state":
        this.#events.onState(message);
        return;
      case "log":
        thread.cells.noteLogTaken();
        this.#events.onLog(message);
        return;
      case "fatal":
        this.#events.onFatal(thread, message);
    }
  }

  #takeResult([id, result]: ResultMessage): void {
    if (this.#results.has(id)) this.#results.set(id, result);
    else this.#events.onLateResult(id, result);
  }

  #answer(thread: ClientThread, { id, ask }: { readonly id: number; readonly ask: Ask }): void {
    this.#depth += 1;
    try {
      const answer = this.#events.answer(ask);
      if (this.#thread === thread) thread.post({ type: "answer", id, answer });
    } finally {
      this.#depth -= 1;
    }
  }

  #serveOne(thread: ClientThread): void {
    const next = this.#backlog.shift();
    if (next !== undefined) this.#answer(thread, next);
  }

  #serveAll(thread: ClientThread): void {
    while (this.#backlog.length > 0 && this.#depth < MOST_SERVING) this.#serveOne(thread);
  }

  /** Leaves what is left to the event loop, once whoever called has nothing more to do. */
  #serveSoon(thread: ClientThread): void {
    if (this.#isDue || this.#depth > 0) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (this.#thread === thread) this.#serveAll(thread);
    });
  }
}
