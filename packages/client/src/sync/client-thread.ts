import type { MessagePort, Worker } from "node:worker_threads";

import { WorkerLostError } from "../errors/connection-errors.ts";
import type { Park, ServedWorker, Wait } from "./calling-thread.ts";
import { callingThread } from "./calling-thread.ts";
import type {
  Answer,
  Ask,
  Call,
  CallMessage,
  CallResult,
  ToCaller,
  ToWorker,
  WorkerInit,
  WorkerStart,
} from "./messages.ts";
import type { HandlerPresence } from "./shared-cells.ts";
import { SharedCells } from "./shared-cells.ts";
import { pack } from "./serialized.ts";
import type { NodeModules } from "./worker-source.ts";
import { obtainWorker, releaseWorker } from "./worker-source.ts";

/** How much longer than its own deadline a call may take, in ms, before the worker counts as lost. */
const GRACE_MS = 5_000;
/** So often in a row no heartbeat since the pulse was felt last, and the worker counts as dead: it may be in a loop. */
const MOST_SILENT_PULSES = 16;

/** What is done here with what the worker tells and asks. None of it throws. */
export interface ThreadEvents {
  readonly onState: (message: Extract<ToCaller, { type: "state" }>) => void;
  readonly onLog: (message: Extract<ToCaller, { type: "log" }>) => void;
  readonly onFatal: (message: Extract<ToCaller, { type: "fatal" }>) => void;
  /** A call that nobody waits for has ended. */
  readonly onLateResult: (result: CallResult) => void;
  readonly answer: (ask: Ask) => Answer;
  /** What is sent in place of an answer that cannot cross. */
  readonly unanswerable: (error: unknown) => Answer;
  /** The worker has ended by itself; told from the event loop. */
  readonly onEnd: () => void;
}

/** How a thread is to be started. */
export interface ThreadOptions {
  readonly init: WorkerInit;
  readonly handlers: HandlerPresence;
  readonly modules: NodeModules;
  readonly broker: string;
  /** How long to look for a message before parking, in ms. */
  readonly spinMs: number;
  readonly events: ThreadEvents;
}

/** Why a worker is gone. */
export interface Fault {
  readonly why: string;
  readonly cause?: unknown;
}

type AskMessage = Extract<ToCaller, { type: "ask" }>;

/** The worker thread of a client, seen from the thread that calls it. */
export class ClientThread implements ServedWorker {
  readonly cells: SharedCells = new SharedCells();
  readonly spinMs: number;
  readonly #options: ThreadOptions;
  readonly #port: MessagePort;
  readonly #worker: Worker;
  /** Calls that are waited for, with their results once these are there. */
  readonly #results = new Map<number, CallResult | undefined>();
  /** Calls that nobody waits for. */
  readonly #unawaited = new Set<number>();
  /** Messages for the handlers that may wait, oldest first. */
  readonly #backlog: AskMessage[] = [];
  #calls = 0;
  #heartbeats = 0;
  #silentPulses = 0;
  #inode: number | undefined;
  #isClosed = false;
  #fault: Fault | undefined;

  /** @throws {Error} the file that the worker runs is not there, or the options cannot cross. */
  constructor(options: ThreadOptions) {
    this.#options = options;
    const { init, handlers, modules, spinMs } = options;
    this.spinMs = spinMs;
    this.cells.handlers = handlers;
    const { port1, port2 } = new modules.threads.MessageChannel();
    this.#port = port1;
    this.#worker = obtainWorker(modules);
    const { buffer: wakeup } = callingThread.wakeup;
    const start: WorkerStart = { port: port2, cells: this.cells.buffer, wakeup, init };
    this.#worker.postMessage(start, [port2]);
    // Neither keeps the process alive; whoever has handlers that serve says so.
    this.#worker.unref();
    port1.on("message", (message: ToCaller) => {
      this.#take(message);
      callingThread.serveAll();
    });
    port1.unref();
    this.#worker.on("error", this.#onError);
    this.#worker.on("exit", this.#onExit);
    callingThread.add(this);
  }

  readonly #onError = (error: unknown): void => {
    this.fail("it threw", error);
    this.#options.events.onEnd();
  };

  readonly #onExit = (): void => {
    this.fail("it ended");
    this.#options.events.onEnd();
  };

  get fault(): Fault | undefined {
    // Not kept: what it told before, which may still be in the channel, says more.
    return this.#fault ?? (this.cells.hasEnded ? { why: "it ended" } : undefined);
  }

  /** Takes note of the worker's end; the first reason is the one that counts. */
  fail(why: string, cause?: unknown): void {
    this.#fault ??= cause === undefined ? { why } : { why, cause };
  }

  /** How many calls are under way that nobody waits for. */
  get unawaited(): number {
    return this.#unawaited.size;
  }

  post(message: ToWorker): void {
    if (!this.#isClosed) this.#port.postMessage(message);
  }

  #postCall({ name, options, args }: Call, isCancellable: boolean): number {
    this.#calls += 1;
    const message: CallMessage = [this.#calls, name, isCancellable, options, ...args];
    try {
      this.post(message);
    } catch {
      // A function or a symbol where none belongs: the worker tells what is wrong with it.
      this.post({ type: "packed-call", parts: message.map(pack) });
    }
    return this.#calls;
  }

  /** Sends a call that nobody waits for. */
  send(call: Call): void {
    this.#unawaited.add(this.#postCall(call, false));
  }

  /**
   * Sends a call and waits for its result, serving meanwhile.
   *
   * @throws {WorkerLostError} the worker has ended, or does not answer.
   * @throws the signal's reason, when it is aborted by a handler.
   */
  call(call: Call, wait: Wait): CallResult {
    const { signal, operation } = wait;
    signal?.throwIfAborted();
    const id = this.#postCall(call, signal !== undefined);
    // At once: what the handler that aborts it does afterwards comes later for the worker, too.
    const cancel = (): void => {
      this.post({ type: "cancel", id });
    };
    signal?.addEventListener("abort", cancel);
    this.#results.set(id, undefined);
    try {
      const isOver = (): boolean => this.#results.get(id) !== undefined || signal?.aborted === true;
      this.park(isOver, { ...wait, timeoutMs: wait.timeoutMs + GRACE_MS });
      const result = this.#results.get(id);
      if (result !== undefined) return result;
      signal?.throwIfAborted();
      this.fail(`it did not answer for ${String(GRACE_MS)} ms`);
      throw this.#lost(operation);
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#results.delete(id);
    }
  }

  #lost(operation: string): WorkerLostError {
    const { why = "it ended", cause } = this.fault ?? {};
    return new WorkerLostError(operation, this.#options.broker, { why, cause });
  }

  /**
   * Parks until `isOver` says so, at the latest after the wait's time, serving meanwhile.
   *
   * @throws {WorkerLostError} the worker has ended.
   */
  park(isOver: () => boolean, { operation, timeoutMs, isServing }: Wait): void {
    const park: Park = { worker: this, isOver, timeoutMs, isServing };
    if (!callingThread.park(park) && this.fault !== undefined) throw this.#lost(operation);
  }

  receiveNext(): boolean {
    if (this.#isClosed) return false;
    const { threads } = this.#options.modules;
    const received: { message: ToCaller } | undefined = threads.receiveMessageOnPort(this.#port);
    if (received === undefined) return false;
    this.#take(received.message);
    return true;
  }

  #take(message: ToCaller): void {
    if (!("type" in message)) {
      const [id, result] = message;
      if (this.#results.has(id)) this.#results.set(id, result);
      else if (this.#unawaited.delete(id)) this.#options.events.onLateResult(result);
      return;
    }
    switch (message.type) {
      case "ask":
        // Somebody waits for what the others give.
        if (message.ask.kind === "request" || message.ask.kind === "general") {
          this.#backlog.push(message);
        } else {
          this.#answer(message);
        }
        return;
      case "state":
        this.#options.events.onState(message);
        return;
      case "log":
        this.cells.noteLogTaken();
        this.#options.events.onLog(message);
        return;
      case "fatal":
        this.#options.events.onFatal(message);
    }
  }

  #answer({ id, ask }: AskMessage): void {
    const { answer, unanswerable } = this.#options.events;
    callingThread.handle(() => {
      try {
        this.post({ type: "answer", id, answer: answer(ask) });
      } catch (error) {
        this.post({ type: "answer", id, answer: unanswerable(error) });
      }
    });
  }

  get hasBacklog(): boolean {
    return this.#backlog.length > 0;
  }

  serveNext(): void {
    const next = this.#backlog.shift();
    if (next !== undefined) this.#answer(next);
  }

  feelPulse(): void {
    const { heartbeats } = this.cells;
    if (this.#hasStopped()) this.fail("it ended");
    // What has not beaten yet is starting.
    const isSilent = heartbeats === this.#heartbeats && heartbeats > 0;
    this.#silentPulses = isSilent ? this.#silentPulses + 1 : 0;
    this.#heartbeats = heartbeats;
    if (this.#silentPulses >= MOST_SILENT_PULSES) this.fail("it gives no sign of life");
  }

  /** A worker that is terminated, or out of memory, cannot say so, and its `exit` event needs the event loop. */
  #hasStopped(): boolean {
    const { openFile } = this.cells;
    if (openFile === 0) return false;
    try {
      const { ino } = this.#options.modules.files.fstatSync(openFile);
      this.#inode ??= ino;
      return ino !== this.#inode;
    } catch {
      return true;
    }
  }

  /** Whether the thread is to keep the process alive. */
  setServing(isServing: boolean): void {
    if (isServing) this.#port.ref();
    else this.#port.unref();
  }

  /**
   * Lets the worker go, whatever it is doing.
   *
   * @param isIdle - whether the client in it has been disconnected.
   */
  end(isIdle: boolean): void {
    const hasFailed = this.fault !== undefined;
    this.fail("it was ended");
    this.#isClosed = true;
    callingThread.delete(this);
    this.#backlog.length = 0;
    this.#port.close();
    this.#worker.off("error", this.#onError);
    this.#worker.off("exit", this.#onExit);
    if (hasFailed) this.#worker.on("error", () => undefined);
    releaseWorker(this.#worker, isIdle && !hasFailed);
  }
}
