import {
  ClientClosedError,
  LinkLostError,
  NotConnectedError,
} from "../errors/connection-errors.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { isReached, pause, settleWithin, throwIfReached, waitWithin } from "../runtime/deadline.ts";
import type { Logger } from "../runtime/logger.ts";
import { WaitSet } from "../runtime/wait-set.ts";
import type {
  IncomingMessage,
  Link,
  OutgoingMessage,
  PublishOutcome,
} from "../transport/transport.ts";
import type { BackoffBounds } from "./backoff.ts";
import { backoffDelayMs } from "./backoff.ts";
import type { DialPlan } from "./dial.ts";
import { dialDeadline, establishLink } from "./dial.ts";
import { RepeatedLoss } from "./repeated-loss.ts";
import type { ConnectionEvent, ConnectionState, ReconnectLimit } from "./state.ts";
import { transition } from "./state.ts";
import type { DialKind } from "./subscriptions.ts";
import { Subscriptions } from "./subscriptions.ts";

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly plan: DialPlan;
  readonly reconnect: BackoffBounds & ReconnectLimit;
  /** Longest time for one dial that replaces a lost link, subscriptions included, in ms. */
  readonly dialTimeoutMs: number;
  readonly clock: Clock;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly logger: Logger | undefined;
  /** Whether `connect()` may succeed although the broker refused this filter. */
  readonly toleratesRefusal: (filter: string) => boolean;
  readonly onMessage: (message: IncomingMessage) => void;
  readonly onStateChange: (next: ConnectionState, previous: ConnectionState) => void;
}

/** From `connect()` to `close()`, across as many links as that takes. */
interface Session {
  readonly abort: AbortController;
  /** The dial that every `connect()` of this session waits for. */
  readonly opened: Promise<void>;
  callers: number;
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error), { cause: error });

/**
 * A connection that outlives its links: it dials, and dials again with backoff when a link is lost;
 * subscriptions come back before anything new is sent, and calls made in between wait for the link, each
 * within its own deadline.
 */
export class Connection {
  readonly subscriptions: Subscriptions;
  readonly #options: ConnectionOptions;
  readonly #waiting = new WaitSet<Link>();
  #state: ConnectionState = { kind: "idle" };
  #link: Link | undefined;
  #session: Session | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.subscriptions = new Subscriptions({
      broker: options.plan.broker,
      clock: options.clock,
      logger: options.logger,
      toleratesRefusal: options.toleratesRefusal,
      ready: (deadline, lost) => this.ready("subscribe", deadline, lost),
      link: () => this.#link,
    });
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
      this.#waiting.rejectAll(() => this.#closedError("finish a call", "pending"));
    }
    // A client that a failure had closed stays closed, now for good reason.
    if (next.kind !== "closed" || previous.kind !== "closed") {
      this.#options.onStateChange(next, previous);
    }
  }

  /** Opens the connection. Calls made at the same time share one dial, which ends when none waits any more. */
  async connect(deadline: Deadline): Promise<void> {
    throwIfReached(deadline);
    if (this.#state.kind === "online") return;
    if (this.#state.kind === "reconnecting") {
      await this.ready("connect", deadline);
      return;
    }
    const session = this.#session ?? this.#startSession();
    session.callers += 1;
    try {
      await settleWithin(deadline, session.opened);
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

  async #dial(signal: AbortSignal, kind: DialKind): Promise<void> {
    const { plan, clock, dialTimeoutMs, onMessage } = this.#options;
    // The first dial lasts as long as a caller of connect() waits for it, each within its own deadline.
    const timeoutMs = kind === "first" ? Infinity : dialTimeoutMs;
    const deadline = dialDeadline(plan, { clock, timeoutMs, signal });
    await establishLink(plan, deadline, {
      signal,
      onMessage,
      onLost: (lost, cause) => {
        if (lost === this.#link) this.#lose(cause);
      },
      restore: (link) => this.subscriptions.restore(link, deadline, kind),
      onEstablished: (link) => {
        this.#adopt(link);
      },
    });
  }

  #adopt(link: Link): void {
    this.#link = link;
    this.#dispatch({ type: "opened", at: this.#options.clock.monotonicMs() });
    this.#waiting.resolveAll(link);
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

  /** Why a call cannot be made now. */
  #closedError(operation: string, call: "new" | "pending" = "new"): NotConnectedError {
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
  async ready(operation: string, deadline: Deadline, lost?: Link): Promise<Link> {
    throwIfReached(deadline);
    if (this.#link !== undefined && this.#link !== lost) return this.#link;
    if (this.#state.kind === "idle" || this.#state.kind === "closed") {
      throw this.#closedError(operation);
    }
    return waitWithin<Link>(deadline, (settle) => this.#waiting.add(settle));
  }

  /**
   * Sends a message. Across a lost link QoS 1 is sent again (the broker may then see it twice);
   * QoS 0 and 2 reject with `LinkLostError`, because a second copy would break their promise.
   * While online, QoS 0 is with the socket before this returns. Never throws.
   */
  publish(message: OutgoingMessage, deadline: Deadline): PublishOutcome | Promise<PublishOutcome> {
    const link = this.#link;
    if (message.qos !== 0 || link === undefined || isReached(deadline)) {
      return this.#publishAcrossLinks(message, deadline);
    }
    const outcome = link.publish(message, deadline);
    return typeof outcome === "string" ? outcome : this.#settle(outcome, deadline);
  }

  async #publishAcrossLinks(message: OutgoingMessage, deadline: Deadline): Promise<PublishOutcome> {
    const losses = new RepeatedLoss(this.#options.clock);
    let lost: Link | undefined;
    for (;;) {
      const link = await this.ready("publish", deadline, lost);
      try {
        losses.noteSent();
        const sent = link.publish(message, deadline);
        const outcome = typeof sent === "string" ? sent : await this.#settle(sent, deadline);
        // Of a copy: the first may have found somebody.
        return outcome === "no-subscribers" && lost !== undefined ? "delivered" : outcome;
      } catch (error) {
        const isRepeatable = error instanceof LinkLostError && message.qos === 1;
        if (!isRepeatable || losses.isTheCall()) throw error;
        lost = link;
      }
    }
  }

  /** Waits for a link to answer. When the client closes, that is what its caller is told, not the end of the link. */
  async #settle(outcome: Promise<PublishOutcome>, deadline: Deadline): Promise<PublishOutcome> {
    try {
      return await settleWithin(deadline, outcome);
    } catch (error) {
      const isClosed = error instanceof LinkLostError && this.#state.kind === "closed";
      throw isClosed ? this.#closedError("publish", "pending") : error;
    }
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
