import type { Credentials } from "../connection/dial.ts";
import { failedAnswer } from "../client/options/group-options.ts";
import type { DeviceAnswer } from "../client/options/group-options.ts";
import type { ClientEvents, ClientState } from "../client/session.ts";
import type { ClientStatistics } from "../client/statistics.ts";
import type { HandlerList } from "../handlers/runner.ts";
import { ClientClosedError, NotConnectedError } from "../errors/connection-errors.ts";
import { GatewayTimeoutResponse } from "../errors/error-responses.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { ResponseException } from "../errors/response-exception.ts";
import { WorkerLostError } from "../errors/connection-errors.ts";
import type { Emitter } from "../runtime/emitter.ts";
import type { BlockingCall, Entry } from "./blocking-call.ts";
import { BlockingIterator } from "./blocking-iterator.ts";
import { callingThread } from "./calling-thread.ts";
import type { Wait } from "./calling-thread.ts";
import type { ClientThread, ThreadEvents } from "./client-thread.ts";
import type { CrossingDeviceAnswer } from "./crossing-answers.ts";
import { crossingFormat } from "./crossing-format.ts";
import type { CrossingFormat } from "./crossing-format.ts";
import { LocalReferences } from "./local-references.ts";
import { LocalRunner } from "./local-runner.ts";
import type { Answer, Ask, CallName, CallResult, Snapshot } from "./messages.ts";
import type { SyncSettings } from "./options.ts";
import { askForPassword } from "./options.ts";
import { unpack } from "./serialized.ts";
import { pointToCallOf } from "./stack.ts";
import { ThreadKeeper } from "./thread-keeper.ts";
import type { NodeModules } from "./worker-source.ts";

export interface BlockingSessionOptions<Client extends object> {
  /** Has a method of the name of each call. */
  readonly client: Client;
  readonly handlers: HandlerList<Client>;
  readonly sync: SyncSettings;
  readonly modules: NodeModules;
  readonly events: Emitter<ClientEvents>;
}

/** Calls that nobody waits for, at most; a further one waits until there is room. */
const MOST_UNAWAITED = 1_000;
/** For what the worker does at once. */
const SHORT_WAIT = { operation: "ask the worker", timeoutMs: 5_000, isServing: false };

/** The session of a blocking client: its worker, what is asked of that, and what that asks for. */
export class BlockingSession<Client extends object> {
  readonly #options: BlockingSessionOptions<Client>;
  readonly #keeper: ThreadKeeper;
  readonly #references = new LocalReferences();
  readonly #runner: LocalRunner<Client>;
  readonly crossing: CrossingFormat;
  #iterations = 0;

  constructor(options: BlockingSessionOptions<Client>) {
    this.#options = options;
    const { client, handlers, sync, modules, events } = options;
    this.crossing = crossingFormat(sync.settings.contentFormats);
    this.#runner = new LocalRunner({
      client,
      handlers,
      crossing: this.crossing,
      references: this.#references,
      onHandlerError: (topic, error) => {
        this.#keeper.thread?.post({ type: "handler-error" });
        sync.settings.logger?.error({ topic, error }, "a message handler failed");
      },
    });
    this.#keeper = new ThreadKeeper({
      sync,
      modules,
      handlers: () => ({
        hasIncoming: handlers.incoming.length > 0,
        hasOutgoing: handlers.outgoing.length > 0,
      }),
      events: (thread) => this.#threadEvents(thread),
      onState: (...change) => {
        events.emit("state", ...change);
      },
    });
  }

  #threadEvents(thread: () => ClientThread): Omit<ThreadEvents, "onEnd"> {
    const { logger } = this.#options.sync.settings;
    return {
      answer: (ask) => this.#answer(ask),
      unanswerable: (error) => this.#references.threw(error),
      onState: ({ state, cause }) => {
        const error = cause && unpack(cause, this.#find);
        this.#keeper.announce(state, error instanceof Error ? error : undefined);
      },
      onLog: ({ level, fields, text }) => {
        // The worker packs nothing but records.
        logger?.[level](unpack(fields, this.#find) as Record<string, unknown>, text);
      },
      onFatal: ({ error }) => {
        thread().fail("it threw", unpack(error, this.#find));
      },
      onLateResult: (result) => {
        if (typeof result === "string" || result.kind !== "error") return;
        const error = unpack(result.error, this.#find);
        logger?.warn({ error }, "a publish that nobody waited for failed");
      },
    };
  }

  readonly #find = (id: number): unknown => this.#references.find(id);

  get state(): ClientState {
    return this.#keeper.state;
  }

  /** What the client has counted, as of now. */
  get statistics(): ClientStatistics {
    const { thread } = this.#keeper;
    if (thread !== undefined) this.#takeStock(thread, "statistics");
    return this.#keeper.statistics;
  }

  #answer(ask: Ask): Answer {
    if (ask.kind !== "password") return this.#runner.run(ask);
    try {
      return { kind: "text", text: askForPassword(this.#keeper.credentials) };
    } catch (error) {
      return this.#references.threw(error);
    }
  }

  /** To be told of after every change of the handlers. */
  noteHandlers(): void {
    this.#keeper.noteHandlers();
  }

  setCredentials(credentials: Credentials): void {
    this.#keeper.setCredentials(credentials);
  }

  /**
   * Makes a call and gives what it ends with.
   *
   * @throws what the call ends with, pointing to whoever made it.
   */
  call({ wait, entry, ...call }: BlockingCall): unknown {
    const thread = this.#keeper.obtain();
    try {
      return this.#unwrap(thread.call(call, wait));
    } catch (error) {
      if (error instanceof WorkerLostError) this.#keeper.lose(thread);
      const isOfUser = this.#isThrownByUser(error) || error === wait.signal?.reason;
      if (!isOfUser) this.#pointToCaller(error, entry ?? call.name);
      throw error;
    }
  }

  /** The same for a call that changes the subscriptions: the next worker is to have them even if this one dies. */
  callAndKeep(call: BlockingCall): void {
    // That is what these calls give.
    this.#keeper.noteSnapshot(this.call(call) as Snapshot);
  }

  #unwrap(result: CallResult): unknown {
    if (typeof result === "string") return this.crossing.read(result);
    switch (result.kind) {
      case "value":
        return result.value;
      case "reference":
        return this.#references.take(result.id);
      case "error":
        throw this.#closedError(unpack(result.error, this.#find));
    }
  }

  /** The answer of one of many devices, as it was before it crossed. */
  unwrapAnswer(answer: CrossingDeviceAnswer): DeviceAnswer {
    const { source } = answer;
    if ("error" in answer) return failedAnswer(source, unpack(answer.error, this.#find));
    const { response: crossed } = answer;
    const response =
      typeof crossed === "number" ? this.#references.take(crossed) : this.crossing.read(crossed);
    // A response that the worker has read, or what handlers have made of it.
    return { source, response: response as ResponsePayload };
  }

  /** A worker that was started after a `disconnect()` does not know of it. */
  #closedError(error: unknown): unknown {
    const isNew = error instanceof NotConnectedError && !(error instanceof ClientClosedError);
    return isNew && this.#keeper.announced.state === "closed"
      ? new ClientClosedError(error.operation, error.broker)
      : error;
  }

  /** What a handler threw points to where it did; what was made of a response points nowhere yet. */
  #isThrownByUser(error: unknown): boolean {
    const isOfResponse = error instanceof ResponseException && error.response !== undefined;
    return this.#references.hasThrown(error) && !isOfResponse;
  }

  #pointToCaller(error: unknown, entry: Entry | CallName): void {
    if (!(error instanceof Error)) return;
    const called: unknown =
      typeof entry === "string" ? Reflect.get(this.#options.client, entry) : entry;
    if (typeof called === "function") pointToCallOf(error, called as Entry);
  }

  /** Iterates over what a call begins in the worker. */
  iterate<T>({ name, options, wait }: Omit<BlockingCall, "args">): BlockingIterator<T> {
    this.#iterations += 1;
    const ports = { call: this.call.bind(this), worker: () => this.#keeper.thread };
    return new BlockingIterator(ports, { id: this.#iterations, begin: { name, options }, wait });
  }

  /**
   * Sends a call without waiting for its end, unless too many are under way.
   *
   * @throws {NotConnectedError} there is no connection, nor will there be.
   * @throws {GatewayTimeoutResponse} too many were under way for too long; nothing was sent.
   */
  send({ wait, ...call }: BlockingCall): void {
    this.#assertOpen(wait.operation);
    const thread = this.#keeper.obtain();
    wait.signal?.throwIfAborted();
    const hasRoom = (): boolean => thread.unawaited < MOST_UNAWAITED;
    const isOver = (): boolean => hasRoom() || wait.signal?.aborted === true;
    if (!hasRoom()) this.#parkOn(thread, isOver, wait);
    wait.signal?.throwIfAborted();
    if (!hasRoom()) {
      const detail = `could not ${wait.operation} within ${String(wait.timeoutMs)} ms: too many are under way`;
      throw new GatewayTimeoutResponse(detail, { source: this.#options.sync.settings.identifier });
    }
    thread.send(call);
  }

  #takeStock(thread: ClientThread, name: "statistics" | "disconnect", drainMs = 0): void {
    const timeoutMs = SHORT_WAIT.timeoutMs + drainMs;
    const wait = { ...SHORT_WAIT, timeoutMs, isServing: drainMs > 0 };
    const result = thread.call({ name, options: { drainMs }, args: [] }, wait);
    if (typeof result === "string" || result.kind !== "value") return;
    // That is what these two calls give.
    this.#keeper.noteSnapshot(result.value as Snapshot);
  }

  /** Ends the connection and the thread, after the time for what is still to be answered. Never throws. */
  disconnect(drainMs: number): void {
    const { thread } = this.#keeper;
    let isIdle = false;
    try {
      if (thread !== undefined) {
        this.#takeStock(thread, "disconnect", callingThread.isServing ? 0 : drainMs);
        // What other calls ended with, which are under way below this one.
        while (thread.receiveNext());
        isIdle = true;
      }
    } catch {
      // The thread has ended before, and with it the connection.
    }
    if (this.#keeper.thread === thread) this.#keeper.end(isIdle);
  }

  /** Parks for some time, serving meanwhile. */
  sleep(ms: number): void {
    const endsAt = performance.now() + ms;
    for (let left = ms; left > 0; left = endsAt - performance.now()) {
      const { thread } = this.#keeper;
      const isOver = (): boolean => this.#keeper.thread !== thread;
      const wait = { operation: "sleep", timeoutMs: left, isServing: true };
      if (thread === undefined) callingThread.park({ ...wait, worker: undefined, isOver });
      else this.#parkOn(thread, isOver, wait);
    }
  }

  /** Parks until the signal is aborted, the time is over or the client is closed, serving meanwhile. */
  run(signal: AbortSignal | undefined, timeoutMs: number): void {
    const { broker } = this.#options.sync.settings;
    this.#assertOpen("run");
    const thread = this.#keeper.obtain();
    const isOpen = (): boolean =>
      this.#keeper.thread === thread && this.#keeper.announced.state !== "closed";
    const isOver = (): boolean => signal?.aborted === true || !isOpen();
    this.#parkOn(thread, isOver, { operation: "run", timeoutMs, isServing: true });
    const { cause } = this.#keeper.announced;
    if (isOpen() || cause === undefined) return;
    throw new ClientClosedError("run", broker, { cause, wasPending: true });
  }

  #assertOpen(operation: string): void {
    const { broker } = this.#options.sync.settings;
    const { state } = this.#keeper;
    if (state === "closed") throw new ClientClosedError(operation, broker);
    if (state === "idle") throw new NotConnectedError(operation, broker);
  }

  #parkOn(thread: ClientThread, isOver: () => boolean, wait: Wait): void {
    try {
      thread.park(isOver, wait);
    } catch (error) {
      if (error instanceof WorkerLostError) this.#keeper.lose(thread);
      throw error;
    }
  }
}
