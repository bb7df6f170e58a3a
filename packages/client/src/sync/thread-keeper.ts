import type { Credentials } from "../connection/dial.ts";
import type { ClientEvents, ClientState } from "../client/session.ts";
import type { ClientStatistics } from "../client/statistics.ts";
import { startCounters } from "../client/statistics.ts";
import { WorkerLostError } from "../errors/connection-errors.ts";
import type { Subscription } from "../transport/transport.ts";
import { ClientThread } from "./client-thread.ts";
import type { WorkerInit, HandlerPresence, Snapshot, ToCaller } from "./messages.ts";
import type { NodeModules } from "./node-modules.ts";
import type { SyncSettings } from "./options.ts";
import { crossingCredentials } from "./options.ts";

/** What the keeper of a thread works with. */
export interface ThreadKeeperOptions {
  readonly sync: SyncSettings;
  readonly modules: NodeModules;
  readonly handlers: () => HandlerPresence;
  /** Told of the thread that counts from now on; undefined: there is none. */
  readonly onThread: (thread: ClientThread | undefined) => void;
  /** Told of a message that came to the event loop. */
  readonly onMessage: (thread: ClientThread, message: ToCaller) => void;
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
  /** What the thread knows of the handlers. */
  #known: HandlerPresence = { hasIncoming: false, hasOutgoing: false };

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

  /** To be told of after every change of the handlers; gives what the thread has to be told, if anything. */
  noteHandlers(): HandlerPresence | undefined {
    this.#updateServing();
    const { hasIncoming, hasOutgoing } = this.#options.handlers();
    const known = this.#known;
    if (known.hasIncoming === hasIncoming && known.hasOutgoing === hasOutgoing) return undefined;
    this.#known = { hasIncoming, hasOutgoing };
    return this.#known;
  }

  /** Keeps what the thread tells of itself for the next one. */
  noteLuggage({ statistics, subscriptions }: Snapshot): void {
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

  #beginning(): WorkerInit {
    const { settings, crossing } = this.#options.sync;
    this.#known = this.#options.handlers();
    const { requestsInFlight: _flying, subscriptionsHeld: _held, ...counters } = this.#statistics;
    return {
      options: crossing,
      credentials: crossingCredentials(this.#credentials),
      isLogging: settings.logger !== undefined,
      handlers: this.#known,
      counters,
      subscriptions: this.#subscriptions,
    };
  }

  #start(): ClientThread {
    const { sync, modules, onMessage } = this.#options;
    try {
      const thread: ClientThread = new ClientThread(this.#beginning(), {
        modules,
        spinMs: sync.spinMs,
        onMessage: (message) => {
          onMessage(thread, message);
        },
        onEnd: () => {
          this.lose(thread);
        },
      });
      thread.cells.state = this.#announced;
      this.#use(thread);
      return thread;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new WorkerLostError("go on", sync.settings.broker, { why, cause, wasPending: false });
    }
  }

  #use(thread: ClientThread | undefined): void {
    this.#thread = thread;
    this.#options.onThread(thread);
  }

  /** Lets go of a thread that has ended by itself. */
  lose(thread: ClientThread): void {
    if (this.#thread !== thread) return;
    const { broker } = this.#options.sync.settings;
    const { why = "it ended", cause } = thread.fault ?? {};
    this.#end(thread, new WorkerLostError("go on", broker, { why, cause }));
  }

  /** Ends the thread, if there is one; the client is closed then. */
  end(): void {
    this.#end(this.#thread, undefined);
  }

  #end(thread: ClientThread | undefined, cause: Error | undefined): void {
    thread?.end();
    if (thread !== undefined) this.#use(undefined);
    this.announce("closed", cause);
  }
}
