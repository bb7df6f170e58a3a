import type { Credentials } from "../connection/dial.ts";
import type { ClientEvents, ClientState } from "../client/client-core.ts";
import type { ClientStatistics } from "../client/statistics.ts";
import { startCounters } from "../client/statistics.ts";
import type { HandlerList } from "../handlers/handler-list.ts";
import { ClientClosedError, NotConnectedError, OptionError } from "../protocol/errors.ts";
import { parseJson } from "../protocol/json-decode.ts";
import { ResponseException } from "../protocol/response-exception.ts";
import { WorkerLostError } from "../protocol/sync-errors.ts";
import type { Emitter } from "../runtime/emitter.ts";
import type { Subscription } from "../transport/transport.ts";
import type { Wait } from "./caller.ts";
import { Caller } from "./caller.ts";
import { ClientThread } from "./client-thread.ts";
import { KeptValues } from "./kept-values.ts";
import { LocalRuns } from "./local-runs.ts";
import type { Answer, Ask, CallName, CallResult, HandlerPresence, Luggage } from "./messages.ts";
import type { NodeModules } from "./node-modules.ts";
import type { SyncSettings } from "./options.ts";
import { crossingCredentials } from "./options.ts";
import { unpack } from "./portable.ts";

/** What the core of a blocking client works with. */
export interface BlockingCoreOptions<Client extends object> {
  /** Has a method of the name of each call. */
  readonly client: Client;
  readonly handlers: HandlerList<Client>;
  readonly sync: SyncSettings;
  readonly modules: NodeModules;
  readonly events: Emitter<ClientEvents>;
}

/** The function that the user has called: errors are to point to whoever called it. */
export type Entry = (...args: never) => unknown;

/** Calls that nobody waits for, at most; a further one waits until there is room. */
const MOST_UNAWAITED = 1_000;
/** For what the worker does at once. */
const SHORT_MS = 5_000;

/** What a blocking client does beside checking what it is given: its thread, its calls, its events. */
export class BlockingCore<Client extends object> {
  readonly #options: BlockingCoreOptions<Client>;
  readonly #caller: Caller;
  readonly #kept = new KeptValues();
  readonly #runs: LocalRuns<Client>;
  readonly #unawaited = new Set<number>();
  #thread: ClientThread | undefined;
  #announced: ClientState = "idle";
  #cause: Error | undefined;
  #statistics: ClientStatistics = { ...startCounters(), requestsInFlight: 0, subscriptionsHeld: 0 };
  #subscriptions: readonly Subscription[] | undefined;
  #credentials: Credentials;

  constructor(options: BlockingCoreOptions<Client>) {
    this.#options = options;
    const { client, handlers, sync } = options;
    const { broker, credentials, logger } = sync.settings;
    this.#credentials = credentials;
    this.#runs = new LocalRuns({
      client,
      handlers,
      kept: this.#kept,
      onHandlerError: (topic, error) => {
        this.#thread?.post({ type: "handler-error" });
        logger?.error({ topic, error }, "a message handler threw");
      },
    });
    this.#caller = new Caller(broker, {
      answer: (ask) => this.#answer(ask),
      onState: ({ state, cause }) => {
        const error = cause && unpack(cause, this.#find);
        this.#announce(state, error instanceof Error ? error : undefined);
      },
      onLog: ({ level, fields, text }) => {
        // The worker packs nothing but records.
        logger?.[level](unpack(fields, this.#find) as Record<string, unknown>, text);
      },
      onFatal: ({ error }) => this.#thread?.fail("it threw", unpack(error, this.#find)),
      onLateResult: (id, result) => {
        if (!this.#unawaited.delete(id) || result.kind !== "error") return;
        const error = unpack(result.error, this.#find);
        logger?.warn({ error }, "a publish that nobody waited for failed");
      },
    });
  }

  readonly #find = (id: number): unknown => this.#kept.find(id);

  get #presence(): HandlerPresence {
    const { incoming, outgoing } = this.#options.handlers;
    return { hasIncoming: incoming.length > 0, hasOutgoing: outgoing.length > 0 };
  }

  get state(): ClientState {
    return this.#thread?.cells.state ?? this.#announced;
  }

  /** What the client has counted, as of now. */
  get statistics(): ClientStatistics {
    const thread = this.#thread;
    if (thread !== undefined) this.#takeStock(thread, "statistics");
    return this.#statistics;
  }

  #answer(ask: Ask): Answer {
    if (ask.kind !== "password") return this.#runs.run(ask);
    try {
      return { kind: "text", text: this.#askForPassword() };
    } catch (error) {
      return { kind: "threw", thrown: this.#kept.keepThrown(error) };
    }
  }

  #askForPassword(): string {
    const { password } = this.#credentials;
    const given: unknown = typeof password === "function" ? password() : password;
    if (typeof given === "string") return given;
    if (given instanceof Promise) given.catch(() => undefined);
    const what = given instanceof Promise ? "a promise" : typeof given;
    throw new OptionError("password", `(a function that gave ${what})`, "one that gives a text");
  }

  #announce(state: ClientState, cause: Error | undefined): void {
    const previous = this.#announced;
    this.#announced = state;
    this.#cause = cause;
    this.#updateServing();
    if (state !== previous) this.#options.events.emit("state", state, previous, cause);
  }

  /** Only a client that is to serve keeps the process alive. */
  #updateServing(): void {
    const isOpen = this.#announced !== "idle" && this.#announced !== "closed";
    this.#thread?.setServing(isOpen && this.#presence.hasIncoming);
  }

  /** To be told of after every change of the handlers. */
  noteHandlers(): void {
    this.#thread?.post({ type: "handlers", handlers: this.#presence });
    this.#updateServing();
  }

  setCredentials(credentials: Credentials): void {
    this.#credentials = credentials;
    const message = { type: "credentials", credentials: crossingCredentials(credentials) } as const;
    this.#thread?.post(message);
  }

  #startThread(): ClientThread {
    const { sync, modules } = this.#options;
    const { settings, spinMs, crossing } = sync;
    const { requestsInFlight: _flying, subscriptionsHeld: _held, ...counters } = this.#statistics;
    const beginning = {
      options: crossing,
      credentials: crossingCredentials(this.#credentials),
      isLogging: settings.logger !== undefined,
      handlers: this.#presence,
      counters,
      subscriptions: this.#subscriptions,
    };
    try {
      const thread: ClientThread = new ClientThread(beginning, {
        modules,
        spinMs,
        onMessage: (message) => this.#caller.takeIdly(thread, message),
        onEnd: () => this.#lose(thread),
      });
      thread.cells.state = this.#announced;
      this.#use(thread);
      return thread;
    } catch (cause) {
      const why = "it could not be started";
      throw new WorkerLostError("start", settings.broker, { why, cause });
    }
  }

  #use(thread: ClientThread | undefined): void {
    this.#thread = thread;
    this.#caller.use(thread);
    this.#unawaited.clear();
  }

  /** Lets go of a thread that has ended by itself. */
  #lose(thread: ClientThread): void {
    if (this.#thread !== thread) return;
    const { broker } = this.#options.sync.settings;
    const { why = "it ended", cause } = thread.fault ?? {};
    thread.end();
    this.#use(undefined);
    this.#announce("closed", new WorkerLostError("go on", broker, { why, cause }));
  }

  /**
   * Makes a call and gives what it ends with.
   *
   * @param how.entry - the function that the user called; default: the client's method of this name.
   * @throws what the call ends with, pointing to whoever called that.
   */
  call(
    name: CallName,
    args: readonly unknown[],
    how: { readonly wait: Wait; readonly entry?: Entry | undefined },
  ): unknown {
    const thread = this.#thread ?? this.#startThread();
    try {
      return this.#unwrap(this.#caller.call(thread, name, args, how.wait));
    } catch (error) {
      if (error instanceof WorkerLostError) this.#lose(thread);
      if (!this.#isThrownByUser(error)) this.#pointToCaller(error, how.entry ?? name);
      throw error;
    }
  }

  #unwrap(result: CallResult): unknown {
    switch (result.kind) {
      case "value":
        return result.value;
      case "text":
        return parseJson(result.text);
      case "kept":
        return this.#kept.find(result.id);
      case "error":
        throw unpack(result.error, this.#find);
    }
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
    if (typeof called === "function") Error.captureStackTrace(error, called);
  }

  /** Sends a call without waiting for its end, unless too many are under way. */
  send(name: CallName, args: readonly unknown[], wait: Wait): void {
    const thread = this.#thread ?? this.#startThread();
    const hasRoom = (): boolean => this.#unawaited.size < MOST_UNAWAITED;
    if (!hasRoom()) this.#caller.park(thread, hasRoom, wait);
    const [options, ...others] = args;
    this.#unawaited.add(this.#caller.send(thread, name, [options, false, ...others]));
  }

  /** @throws {NestedCallError} too many handlers are under way for a further call. */
  assertShallow(operation: string, needsHandler: boolean): void {
    this.#caller.assertShallow(operation, needsHandler);
  }

  #takeStock(thread: ClientThread, name: "statistics" | "disconnect"): void {
    const wait = { operation: name, timeoutMs: SHORT_MS, isServing: false };
    const result = this.#caller.call(thread, name, [{}], wait);
    if (result.kind !== "value") return;
    // That is what these two calls give.
    const { statistics, subscriptions } = result.value as Luggage;
    this.#statistics = statistics;
    this.#subscriptions = subscriptions;
  }

  /** Ends the connection and the thread. Never throws. */
  disconnect(): void {
    const thread = this.#thread;
    if (thread === undefined) {
      this.#announce("closed", undefined);
      return;
    }
    try {
      this.#takeStock(thread, "disconnect");
      this.#caller.takeRest(thread);
    } catch {
      // The thread has ended before, and with it the connection.
    }
    thread.end();
    if (this.#thread === thread) this.#use(undefined);
    this.#announce("closed", undefined);
  }

  /** Parks for some time, serving meanwhile. */
  sleep(ms: number): void {
    const endsAt = performance.now() + ms;
    for (let left = ms; left > 0; left = endsAt - performance.now()) {
      const thread = this.#thread;
      if (thread === undefined) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left);
        return;
      }
      const wait = { operation: "sleep", timeoutMs: left, isServing: true };
      this.#parkOn(thread, () => this.#thread !== thread, wait);
    }
  }

  /** Parks until the signal is aborted, the time is over or the client is closed, serving meanwhile. */
  run(signal: AbortSignal | undefined, timeoutMs: number): void {
    const { broker } = this.#options.sync.settings;
    const thread = this.#thread;
    const isOpen = (): boolean => this.#thread === thread && this.#announced !== "closed";
    if (thread === undefined || this.state === "idle") throw new NotConnectedError("run", broker);
    if (this.state === "closed") throw new ClientClosedError("run", broker);
    const isOver = (): boolean => signal?.aborted === true || !isOpen();
    this.#parkOn(thread, isOver, { operation: "run", timeoutMs, isServing: true });
    const cause = this.#cause;
    if (isOpen() || cause === undefined) return;
    throw new ClientClosedError("run", broker, { cause, wasPending: true });
  }

  #parkOn(thread: ClientThread, isOver: () => boolean, wait: Wait): void {
    try {
      this.#caller.park(thread, isOver, wait);
    } catch (error) {
      if (error instanceof WorkerLostError) this.#lose(thread);
      throw error;
    }
  }
}
