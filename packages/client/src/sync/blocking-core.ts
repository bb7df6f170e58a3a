import type { Credentials } from "../connection/dial.ts";
import type { ClientEvents, ClientState } from "../client/session.ts";
import type { ClientStatistics } from "../client/statistics.ts";
import type { HandlerList } from "../handlers/runner.ts";
import { ClientClosedError, NotConnectedError } from "../errors/connection-errors.ts";
import { parseJson } from "../json/decode.ts";
import { GatewayTimeoutResponse } from "../errors/error-responses.ts";
import { ResponseException } from "../errors/response-exception.ts";
import { WorkerLostError } from "../errors/connection-errors.ts";
import type { Emitter } from "../runtime/emitter.ts";
import { askForPassword } from "./ask-for-password.ts";
import type { Call, Wait } from "./caller.ts";
import { Caller } from "./caller.ts";
import type { ClientThread } from "./client-thread.ts";
import { LocalReferences } from "./local-references.ts";
import { LocalRuns } from "./local-runs.ts";
import type { Answer, Ask, CallName, CallResult, Snapshot } from "./messages.ts";
import type { NodeModules } from "./node-modules.ts";
import type { SyncSettings } from "./options.ts";
import { unpack } from "./serialized.ts";
import { pointToCallOf } from "./stack.ts";
import { ThreadKeeper } from "./thread-keeper.ts";

/** What the core of a blocking client works with. */
export interface BlockingCoreOptions<Client extends object> {
  /** Has a method of the name of each call. */
  readonly client: Client;
  readonly handlers: HandlerList<Client>;
  readonly sync: SyncSettings;
  readonly modules: NodeModules;
  readonly events: Emitter<ClientEvents>;
}

/** The function that the user has called: errors point to whoever called it. */
export type Entry = (...args: never) => unknown;

/** A call with its wait; `entry` where the user called another function than the client's method of this name. */
export interface BlockingCall extends Call {
  readonly wait: Wait;
  readonly entry?: Entry | undefined;
}

/** Calls that nobody waits for, at most; a further one waits until there is room. */
const MOST_UNAWAITED = 1_000;
/** For what the worker does at once. */
const SHORT_WAIT = { operation: "ask the worker", timeoutMs: 5_000, isServing: false };

/** What a blocking client does beside checking what it is given. */
export class BlockingCore<Client extends object> {
  readonly #options: BlockingCoreOptions<Client>;
  readonly #keeper: ThreadKeeper;
  readonly #caller: Caller;
  readonly #kept = new LocalReferences();
  readonly #runs: LocalRuns<Client>;
  readonly #unawaited = new Set<number>();

  constructor(options: BlockingCoreOptions<Client>) {
    this.#options = options;
    const { client, handlers, sync, modules, events } = options;
    this.#runs = new LocalRuns({
      client,
      handlers,
      kept: this.#kept,
      onHandlerError: (topic, error) => {
        this.#keeper.thread?.post({ type: "handler-error" });
        sync.settings.logger?.error({ topic, error }, "a message handler threw");
      },
    });
    this.#caller = this.#createCaller();
    this.#keeper = new ThreadKeeper({
      sync,
      modules,
      handlers: () => ({
        hasIncoming: handlers.incoming.length > 0,
        hasOutgoing: handlers.outgoing.length > 0,
      }),
      onThread: (thread) => {
        this.#caller.use(thread);
        this.#unawaited.clear();
      },
      onMessage: (thread, message) => {
        this.#caller.takeIdly(thread, message);
      },
      onState: (...change) => {
        events.emit("state", ...change);
      },
    });
  }

  #createCaller(): Caller {
    const { broker, logger } = this.#options.sync.settings;
    return new Caller(broker, {
      answer: (ask) => this.#answer(ask),
      onState: ({ state, cause }) => {
        const error = cause && unpack(cause, this.#find);
        this.#keeper.announce(state, error instanceof Error ? error : undefined);
      },
      onLog: ({ level, fields, text }) => {
        // The worker packs nothing but records.
        logger?.[level](unpack(fields, this.#find) as Record<string, unknown>, text);
      },
      onFatal: (thread, { error }) => {
        thread.fail("it threw", unpack(error, this.#find));
      },
      onLateResult: (id, result) => {
        if (!this.#unawaited.delete(id)) return;
        if (typeof result === "string" || result.kind !== "error") return;
        const error = unpack(result.error, this.#find);
        logger?.warn({ error }, "a publish that nobody waited for failed");
      },
    });
  }

  readonly #find = (id: number): unknown => this.#kept.find(id);

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
    if (ask.kind !== "password") return this.#runs.run(ask);
    try {
      return { kind: "text", text: askForPassword(this.#keeper.credentials) };
    } catch (error) {
      return { kind: "threw", thrown: this.#kept.keepThrown(error) };
    }
  }

  /** To be told of after every change of the handlers. Afterwards, messages find those that there are now. */
  noteHandlers(): void {
    const { thread } = this.#keeper;
    const presence = this.#keeper.noteHandlers();
    if (thread === undefined || presence === undefined) return;
    try {
      this.#caller.call(thread, { name: "handlers", options: presence, args: [] }, SHORT_WAIT);
    } catch {
      // Without a worker, no message comes.
      this.#keeper.lose(thread);
    }
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
      return this.#unwrap(this.#caller.call(thread, call, wait));
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
    this.#keeper.noteLuggage(this.call(call) as Snapshot);
  }

  #unwrap(result: CallResult): unknown {
    if (typeof result === "string") return parseJson(result);
    switch (result.kind) {
      case "value":
        return result.value;
      case "kept":
        return this.#kept.take(result.id);
      case "error":
        throw this.#closedError(unpack(result.error, this.#find));
    }
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
    return this.#kept.hasThrown(error) && !isOfResponse;
  }

  #pointToCaller(error: unknown, entry: Entry | CallName): void {
    if (!(error instanceof Error)) return;
    const called: unknown =
      typeof entry === "string" ? Reflect.get(this.#options.client, entry) : entry;
    if (typeof called === "function") pointToCallOf(error, called as Entry);
  }

  /**
   * Sends a call without waiting for its end, unless too many are under way.
   *
   * @throws {NotConnectedError} there is no connection, nor will there be.
   * @throws {GatewayTimeoutResponse} too many were under way for too long; nothing was sent.
   */
  send(call: Call, wait: Wait): void {
    this.#assertOpen(wait.operation);
    const thread = this.#keeper.obtain();
    const hasRoom = (): boolean => this.#unawaited.size < MOST_UNAWAITED;
    if (!hasRoom()) this.#parkOn(thread, hasRoom, wait);
    if (!hasRoom()) {
      const detail = `could not ${wait.operation} within ${String(wait.timeoutMs)} ms: too many are under way`;
      throw new GatewayTimeoutResponse(detail, { source: this.#options.sync.settings.identifier });
    }
    this.#unawaited.add(this.#caller.send(thread, call));
  }

  /** @throws {NestedCallError} too many handlers are under way for a further call. */
  assertShallow(operation: string, needsHandler: boolean): void {
    this.#caller.assertShallow(operation, needsHandler);
  }

  #takeStock(thread: ClientThread, name: "statistics" | "disconnect"): void {
    const result = this.#caller.call(thread, { name, options: {}, args: [] }, SHORT_WAIT);
    if (typeof result === "string" || result.kind !== "value") return;
    // That is what these two calls give.
    this.#keeper.noteLuggage(result.value as Snapshot);
  }

  /** Ends the connection and the thread. Never throws. */
  disconnect(): void {
    const { thread } = this.#keeper;
    try {
      if (thread !== undefined) {
        this.#takeStock(thread, "disconnect");
        this.#caller.takeRest(thread);
      }
    } catch {
      // The thread has ended before, and with it the connection.
    }
    if (this.#keeper.thread === thread) this.#keeper.end();
  }

  /** Parks for some time, serving meanwhile. */
  sleep(ms: number): void {
    const endsAt = performance.now() + ms;
    for (let left = ms; left > 0; left = endsAt - performance.now()) {
      const { thread } = this.#keeper;
      if (thread === undefined) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left);
        return;
      }
      const wait = { operation: "sleep", timeoutMs: left, isServing: true };
      this.#parkOn(thread, () => this.#keeper.thread !== thread, wait);
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
      this.#caller.park(thread, isOver, wait);
    } catch (error) {
      if (error instanceof WorkerLostError) this.#keeper.lose(thread);
      throw error;
    }
  }
}
