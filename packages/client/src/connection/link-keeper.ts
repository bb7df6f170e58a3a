import { ClientClosedError, NotConnectedError } from "../errors/connection-errors.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Deadline, Settle } from "../runtime/deadline.ts";
import { pause, settleWithin, throwIfReached, waitWithin } from "../runtime/deadline.ts";
import { dialFailure } from "../transport/dial-failure.ts";
import type { IncomingMessage, Link } from "../transport/transport.ts";
import type { BackoffBounds } from "./backoff.ts";
import { backoffDelayMs } from "./backoff.ts";
import type { DialPlan } from "./dial.ts";
import { openLink } from "./dial.ts";
import type { ConnectionEvent, ConnectionState, ReconnectLimit } from "./state.ts";
import { transition } from "./state.ts";

/** The dial of a `connect()`, or one that replaces a lost link. */
export type DialKind = "first" | "again";

/** What the keeper of a link needs. */
export interface LinkKeeperOptions {
  readonly plan: DialPlan;
  readonly reconnect: BackoffBounds & ReconnectLimit;
  /** Longest time for one dial that replaces a lost link, subscriptions included, in ms. */
  readonly dialTimeoutMs: number;
  readonly clock: Clock;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly logger: Logger | undefined;
  readonly onMessage: (message: IncomingMessage) => void;
  readonly onStateChange: (next: ConnectionState, previous: ConnectionState) => void;
}

/** Brings the subscriptions back on a new link before anybody else uses it. */
export type Restore = (link: Link, limits: Deadline, kind: DialKind) => Promise<void>;

/** The connection from `connect()` to `close()`, across as many links as that takes. */
interface Session {
  readonly abort: AbortController;
  /** The dial that every `connect()` of this session waits for. */
  readonly opened: Promise<void>;
  callers: number;
}

/** The longest timer that JavaScript runtimes keep. */
const LONGEST_TIMER_MS = 2_147_483_647;

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error), { cause: error });

/** Keeps one link to the broker alive: dials, and dials again with backoff when the link is lost. */
export class LinkKeeper {
  readonly #options: LinkKeeperOptions;
  readonly #restore: Restore;
  readonly #waiters = new Set<Settle<Link>>();
  #state: ConnectionState = { kind: "idle" };
  #link: Link | undefined;
  #session: Session | undefined;

  constructor(options: LinkKeeperOptions, restore: Restore) {
    this.#options = options;
    this.#restore = restore;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The link in use, while online. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** The only place that changes the state; whoever listens is told after the change. */
  #dispatch(event: ConnectionEvent): void {
    const previous = this.#state;
    const next = transition(previous, event, this.#options.reconnect);
    if (next === previous) return;
    this.#state = next;
    if (next.kind === "closed") {
      this.#session = undefined;
      this.#failWaiters();
    }
    this.#options.onStateChange(next, previous);
  }

  /** Opens the connection. Calls made at the same time share one dial, which ends when none waits any more. */
  async connect(limits: Deadline): Promise<void> {
    throwIfReached(limits);
    if (this.#state.kind === "online") return;
    if (this.#state.kind === "reconnecting") {
      await this.ready("connect", limits);
      return;
    }
    const session = this.#session ?? this.#startSession();
    session.callers += 1;
    try {
      await settleWithin(limits, session.opened);
    } catch (error) {
      if (session.callers === 1) this.#abandon(session, error);
      throw error;
    } finally {
      session.callers -= 1;
    }
  }

  #startSession(): Session {
    const abort = new AbortController();
    // A turn later: whoever is told of "connecting" may close the client, or connect as well.
    const opened = Promise.resolve().then(() => this.#open(abort));
    const session: Session = { abort, callers: 0, opened };
    this.#session = session;
    // Every caller of connect() gets the failure; without one left, nobody is interested.
    opened.catch(() => undefined);
    this.#dispatch({ type: "dial" });
    return session;
  }

  /** Ends a dial that nobody waits for any more, at once, so that the next `connect()` starts anew. */
  #abandon(session: Session, error: unknown): void {
    if (this.#session !== session || this.#state.kind !== "connecting") return;
    this.#session = undefined;
    session.abort.abort(error);
    this.#dispatch({ type: "failed", cause: asError(error) });
  }

  async #open(abort: AbortController): Promise<void> {
    const { signal } = abort;
    try {
      signal.throwIfAborted();
      await this.#dial(signal, "first");
      signal.throwIfAborted();
    } catch (error) {
      if (this.#session?.abort === abort) {
        this.#session = undefined;
        this.#dispatch({ type: "failed", cause: asError(error) });
      }
      throw error;
    }
  }

  /** One dial: link open, every subscription answered, and the link in use. */
  async #dial(signal: AbortSignal, kind: DialKind): Promise<void> {
    const { plan, clock, dialTimeoutMs, onMessage } = this.#options;
    // The first dial lasts as long as a caller of connect() waits for it, each within its own limits.
    const timeoutMs = kind === "first" ? LONGEST_TIMER_MS : dialTimeoutMs;
    const limits: Deadline = {
      clock,
      expiresAt: clock.monotonicMs() + timeoutMs,
      signal,
      timeoutError: () =>
        dialFailure(plan, { cause: new Error(`no answer within ${String(timeoutMs)} ms`) }),
    };
    const dialled: { link?: Link; lost?: Error } = {};
    const onLost = (cause: Error): void => {
      dialled.lost = cause;
      if (dialled.link !== undefined && dialled.link === this.#link) this.#lose(cause);
    };
    const link = await openLink(plan, limits, { onMessage, onLost, signal });
    dialled.link = link;
    try {
      await this.#restore(link, limits, kind);
      if (dialled.lost !== undefined) throw dialled.lost;
      signal.throwIfAborted();
    } catch (error) {
      void link.close();
      throw error;
    }
    // Without an await since the checks: a link lost or a client closed in between would be missed.
    this.#adopt(link);
  }

  #adopt(link: Link): void {
    this.#link = link;
    this.#dispatch({ type: "opened", at: this.#options.clock.monotonicMs() });
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.resolve(link);
  }

  #lose(cause: Error): void {
    const session = this.#session;
    this.#link = undefined;
    this.#options.logger?.warn({ error: cause }, "the link to the broker is lost");
    this.#dispatch({ type: "lost", at: this.#options.clock.monotonicMs(), cause });
    if (session !== undefined) void this.#reconnect(session);
  }

  async #reconnect(session: Session): Promise<void> {
    const { clock, reconnect, random, logger } = this.#options;
    const { signal } = session.abort;
    while (this.#state.kind === "reconnecting" && this.#session === session) {
      const { attempt } = this.#state;
      try {
        const delayMs = backoffDelayMs(attempt, reconnect, random());
        logger?.debug({ attempt, delayMs }, "waiting before the next dial");
        await pause(clock, delayMs, signal);
        await this.#dial(signal, "again");
        // The loss of the new link starts its own attempts.
        return;
      } catch (error) {
        if (signal.aborted) return;
        logger?.warn({ attempt, error }, "could not reconnect to the broker");
        this.#dispatch({ type: "failed", cause: asError(error) });
      }
    }
  }

  #failWaiters(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.reject(this.closedError("finish a call", "pending"));
  }

  /** Why a call cannot be made now. */
  closedError(operation: string, call: "new" | "pending" = "new"): NotConnectedError {
    const { broker } = this.#options.plan;
    if (this.#state.kind !== "closed") return new NotConnectedError(operation, broker);
    const { cause } = this.#state;
    return new ClientClosedError(operation, broker, { cause, wasPending: call === "pending" });
  }

  /**
   * The link, as soon as there is one: at once while online, after the reconnect otherwise.
   *
   * @param lost - a link that a call found lost, which may be before its end is announced: not that one.
   */
  async ready(operation: string, limits: Deadline, lost?: Link): Promise<Link> {
    throwIfReached(limits);
    if (this.#link !== undefined && this.#link !== lost) return this.#link;
    if (this.#state.kind === "idle" || this.#state.kind === "closed") {
      throw this.closedError(operation);
    }
    return waitWithin<Link>(limits, (settle) => {
      this.#waiters.add(settle);
      return () => this.#waiters.delete(settle);
    });
  }

  /** Ends the connection and everything that waits for it. Idempotent. */
  async close(): Promise<void> {
    const { broker } = this.#options.plan;
    const session = this.#session;
    const link = this.#link;
    this.#session = undefined;
    this.#link = undefined;
    this.#dispatch({ type: "close" });
    session?.abort.abort(new ClientClosedError("connect", broker, { wasPending: true }));
    await link?.close();
  }
}
