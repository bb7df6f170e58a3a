import {
  ClientClosedError,
  LinkLostError,
  NotConnectedError,
} from "../errors/connection-errors.ts";
import type { Clock } from "../runtime/platform.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { isReached, settleWithin, throwIfReached, waitWithin } from "../runtime/deadline.ts";
import type { Logger } from "../runtime/logger.ts";
import { WaitSet } from "../runtime/wait-set.ts";
import type {
  IncomingMessage,
  Link,
  OutgoingMessage,
  PublishOutcome,
} from "../transport/transport.ts";
import type { CallPorts } from "./calls-across-links.ts";
import { CallsAcrossLinks } from "./calls-across-links.ts";
import type { BackoffBounds } from "./backoff.ts";
import type { DialPlan, DialProgress } from "./dial.ts";
import { dialDeadline, establishLink } from "./dial.ts";
import { DialSession } from "./dial-session.ts";
import { EarlyLosses } from "./early-losses.ts";
import { LinkHealth } from "./link-health.ts";
import { redial } from "./redial.ts";
import type { ConnectionEvent, ConnectionState, ReconnectLimit } from "./state.ts";
import { transition } from "./state.ts";
import type { DialKind } from "./subscriptions.ts";
import { Subscriptions } from "./subscriptions.ts";

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly plan: DialPlan;
  readonly reconnect: BackoffBounds & ReconnectLimit;
  /** Longest time for one dial that replaces a lost link, subscriptions included, in ms; an acknowledgement may take as long. */
  readonly dialTimeoutMs: number;
  readonly clock: Clock;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly logger: Logger | undefined;
  /** Whether `connect()` may succeed although the broker refused this filter. */
  readonly toleratesRefusal: (filter: string) => boolean;
  readonly onStateChange: (next: ConnectionState, previous: ConnectionState) => void;
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
  readonly health: LinkHealth;
  /** Takes what arrives; to be set before the first dial. */
  onMessage: (message: IncomingMessage) => void = () => {};
  readonly #options: ConnectionOptions;
  readonly #calls: CallsAcrossLinks;
  readonly #earlyLosses: EarlyLosses;
  readonly #waiting = new WaitSet<Link>();
  #state: ConnectionState = { kind: "idle" };
  #progress: DialProgress = {};
  #link: Link | undefined;
  #session: DialSession | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { plan, clock, logger, toleratesRefusal } = options;
    const { broker, clientId } = plan;
    this.health = new LinkHealth(options);
    this.#earlyLosses = new EarlyLosses(clientId);
    const ready: CallPorts["ready"] = (...wait) => this.ready(...wait);
    const endError: CallPorts["endError"] = (operation) => this.#endError(operation);
    this.#calls = new CallsAcrossLinks({ clock, broker, ready, endError });
    const shared = { broker, clock, logger, toleratesRefusal, calls: this.#calls };
    this.subscriptions = new Subscriptions({
      ...shared,
      health: this.health,
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
    await session.join(this.#explained(deadline), (error) => {
      this.#abandon(session, error);
    });
  }

  #startSession(): DialSession {
    const session = new DialSession((started) => this.#open(started));
    this.#session = session;
    this.#dispatch({ type: "dial" });
    return session;
  }

  /** Ends a dial that nobody waits for any more, at once, so that the next `connect()` starts anew. */
  #abandon(session: DialSession, error: unknown): void {
    if (this.#session !== session || this.#state.kind !== "connecting") return;
    session.abort.abort(error);
    this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#dispatch({ type: "failed", cause: asError(error) });
  }

  async #open(session: DialSession): Promise<void> {
    const { signal } = session.abort;
    try {
      signal.throwIfAborted();
      await this.#dial(signal, "first");
      signal.throwIfAborted();
    } catch (error) {
      if (this.#session === session) this.#fail(error);
      throw error;
    }
  }

  async #dial(signal: AbortSignal, kind: DialKind): Promise<void> {
    const { plan, clock, dialTimeoutMs } = this.#options;
    // The first dial lasts as long as a caller of connect() waits for it, each within its own deadline.
    const timeoutMs = kind === "first" ? Infinity : dialTimeoutMs;
    const progress: DialProgress = {};
    this.#progress = progress;
    const deadline = dialDeadline(plan, { clock, timeoutMs, signal, progress });
    await establishLink(plan, deadline, {
      signal,
      progress,
      onMessage: this.onMessage,
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
    this.#use(link);
    this.#dispatch({ type: "opened", at: this.#options.clock.monotonicMs() });
    this.#waiting.resolveAll(link);
  }

  #use(link: Link | undefined): void {
    this.#link = link;
    this.health.follow(link);
  }

  #lose(cause: Error): void {
    const { clock, logger } = this.#options;
    const session = this.#session;
    const at = clock.monotonicMs();
    const since = this.#state.kind === "online" ? this.#state.since : at;
    const error = this.#earlyLosses.explain(cause, at - since);
    this.#use(undefined);
    this.#calls.noteLoss();
    logger?.warn({ error }, "the link to the broker is lost");
    this.#dispatch({ type: "lost", at, cause: error });
    if (session !== undefined) void this.#reconnect(session);
  }

  #reconnect(session: DialSession): Promise<void> {
    const { signal } = session.abort;
    return redial({
      ...this.#options,
      signal,
      nextAttempt: () =>
        this.#state.kind === "reconnecting" && this.#session === session
          ? this.#state.attempt
          : undefined,
      dial: () => this.#dial(signal, "again"),
      onFailed: (error) => {
        this.#fail(error);
      },
    });
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
    const explained = this.#explained(deadline, "the broker has not answered");
    return waitWithin<Link>(explained, (settle) => this.#waiting.add(settle));
  }

  /** A deadline whose error tells what keeps the link from coming about. */
  #explained(deadline: Deadline, waitsFor?: string): Deadline {
    return { ...deadline, timeoutError: () => deadline.timeoutError(this.#obstacle(waitsFor)) };
  }

  #obstacle(otherwise?: string): Error | undefined {
    const { waitsFor } = this.#progress;
    if (waitsFor === undefined && this.#state.kind === "reconnecting") return this.#state.cause;
    const what = waitsFor ?? otherwise;
    return what === undefined ? undefined : new Error(what);
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

  #publishAcrossLinks(message: OutgoingMessage, deadline: Deadline): Promise<PublishOutcome> {
    const call = { operation: "publish", deadline, isRepeatable: message.qos === 1 };
    return this.#calls.run(call, async (link, isRepeat) => {
      const sent = link.publish(message, deadline);
      if (typeof sent === "string") return sent;
      const outcome = await this.health.expectPublish(link, settleWithin(deadline, sent));
      // Of a copy: the first may have found somebody.
      return outcome === "no-subscribers" && isRepeat ? "delivered" : outcome;
    });
  }

  async #settle(outcome: Promise<PublishOutcome>, deadline: Deadline): Promise<PublishOutcome> {
    try {
      return await settleWithin(deadline, outcome);
    } catch (error) {
      throw (error instanceof LinkLostError && this.#endError("publish")) || error;
    }
  }

  /** When the client closes, that is what a call under way is told, not the end of the link. */
  #endError(operation: string): Error | undefined {
    return this.#state.kind === "closed" ? this.#closedError(operation, "pending") : undefined;
  }

  /** Ends the connection and everything that waits for it; with a `cause`, for the broker as if it was lost. Idempotent. */
  async close(cause?: Error): Promise<void> {
    const { broker } = this.#options.plan;
    const session = this.#session;
    const link = this.#link;
    this.#session = undefined;
    this.#use(undefined);
    this.#dispatch({ type: "close" });
    session?.abort.abort(new ClientClosedError("connect", broker, { wasPending: true }));
    if (cause !== undefined) link?.abort(cause);
    await link?.close();
  }
}
