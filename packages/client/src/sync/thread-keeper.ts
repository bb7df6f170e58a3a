import type { Credentials } from "../connection/dial.ts";
import type { ClientEvents, ClientState } from "../client/session.ts";
import type { ClientStatistics } from "../client/statistics.ts";
import { startCounters } from "../client/statistics.ts";
import { WorkerLostError } from "../errors/connection-errors.ts";
import type { Subscription } from "../transport/transport.ts";
import type { ThreadEvents } from "./client-thread.ts";
import { ClientThread } from "./client-thread.ts";
import type { Snapshot, WorkerInit } from "./messages.ts";
import type { SyncSettings } from "./options.ts";
import { crossingCredentials } from "./options.ts";
import type { HandlerPresence } from "./shared-cells.ts";
import type { NodeModules } from "./worker-source.ts";

/** What the keeper of a thread works with. */
export interface ThreadKeeperOptions {
  readonly sync: SyncSettings;
  readonly modules: NodeModules;
  readonly handlers: () => HandlerPresence;
  /** What is done with what a thread tells and asks. */
  readonly events: (thread: () => ClientThread) => Omit<ThreadEvents, "onEnd">;
  readonly onState: (...change: ClientEvents["state"]) => void;
}

/** Keeps the worker thread of a client, one from each connect to its disconnect, and what outlives it. */
export class ThreadKeeper {
  readonly #options: ThreadKeeperOptions;
  #thread: ClientThread | undefined;
  #announced: ClientState = "idle";
  #cause: Error | undefined;
  #statistics: ClientStatistics = { ...startCounters(), requestsInFlight: 0, subscriptionsHeld: 0 };
  #subscriptions: readonly Subscription[] | undefined;
  #credentials: Credentials;

  constructor(options: ThreadKeeperOptions) {
    this.#options = options;
    this.#credentials = options.sync.settings.credentials;
  }

  get thread(): ClientThread | undefined {
    return this.#thread;
  }

  /** The state as of now, which listeners may not have been told of yet. */
  get state(): ClientState {
    return this.#thread?.cells.state ?? this.#announced;
  }

  /** The state that listeners were told of last, and why it is so, where an error did it. */
  get announced(): { readonly state: ClientState; readonly cause: Error | undefined } {
    return { state: this.#announced, cause: this.#cause };
  }

  /** What the thread has counted, as far as it was told here. */
  get statistics(): ClientStatistics {
    return this.#statistics;
  }

  get credentials(): Credentials {
    return this.#credentials;
  }

  setCredentials(credentials: Credentials): void {
    this.#credentials = credentials;
    this.#thread?.post({ type: "credentials", credentials: crossingCredentials(credentials) });
  }

  /** To be told of after every change of the handlers. */
  noteHandlers(): void {
    if (this.#thread !== undefined) this.#thread.cells.handlers = this.#options.handlers();
    this.#updateServing();
  }

  /** Keeps what the thread tells of itself for the next one. */
  noteSnapshot({ statistics, subscriptions }: Snapshot): void {
    this.#statistics = statistics;
    this.#subscriptions = subscriptions;
  }

  announce(state: ClientState, cause: Error | undefined): void {
    const previous = this.#announced;
    this.#announced = state;
    this.#cause = cause;
    this.#updateServing();
    if (state !== previous) this.#options.onState(state, previous, cause);
  }

  /** Only a client that is to serve keeps the process alive. */
  #updateServing(): void {
    const isOpen = this.#announced !== "idle" && this.#announced !== "closed";
    this.#thread?.setServing(isOpen && this.#options.handlers().hasIncoming);
  }

  /**
   * The thread there is, or a new one.
   *
   * @throws {WorkerLostError} it cannot be started.
   */
  obtain(): ClientThread {
    return this.#thread ?? this.#start();
  }

  #init(): WorkerInit {
    const { settings, crossing } = this.#options.sync;
    const { requestsInFlight: _flying, subscriptionsHeld: _held, ...counters } = this.#statistics;
    return {
      settings: crossing,
      credentials: crossingCredentials(this.#credentials),
      isLogging: settings.logger !== undefined,
      counters,
      subscriptions: this.#subscriptions,
    };
  }

  #start(): ClientThread {
    const { sync, modules, handlers, events } = this.#options;
    const { broker } = sync.settings;
    try {
      const thread: ClientThread = new ClientThread({
        init: this.#init(),
        handlers: handlers(),
        modules,
        broker,
        spinMs: sync.spinMs,
        events: {
          ...events(() => thread),
          onEnd: () => {
            this.lose(thread);
          },
        },
      });
      thread.cells.state = this.#announced;
      this.#thread = thread;
      return thread;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new WorkerLostError("go on", broker, { why, cause, wasPending: false });
    }
  }

  /** Lets go of a thread that has ended by itself. */
  lose(thread: ClientThread): void {
    if (this.#thread !== thread) return;
    const { broker } = this.#options.sync.settings;
    const { why = "it ended", cause } = thread.fault ?? {};
    this.#end(new WorkerLostError("go on", broker, { why, cause }), false);
  }

  /**
   * Ends the thread, if there is one; the client is closed then.
   *
   * @param isIdle - whether the client in it has been disconnected.
   */
  end(isIdle: boolean): void {
    this.#end(undefined, isIdle);
  }

  #end(cause: Error | undefined, isIdle: boolean): void {
    const thread = this.#thread;
    this.#thread = undefined;
    thread?.end(isIdle);
    this.announce("closed", cause);
  }
}
