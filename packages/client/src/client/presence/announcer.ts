import type { Connection } from "../../connection/connection.ts";
import { LinkLostError, PublishRefusedError } from "../../errors/connection-errors.ts";
import type { DeviceState, DeviceStatus } from "../../protocol/status.ts";
import { encodeStatus, statusTopicOf } from "../../protocol/status.ts";
import { LruMap } from "../../runtime/lru-map.ts";
import type { WillMessage } from "../../transport/transport.ts";
import { operationDeadline } from "../options/call-options.ts";
import type { ClientSettings } from "../options/settings.ts";
import type { Counters } from "../statistics.ts";

/** What an announcer works with. */
export interface AnnouncerOptions {
  readonly settings: ClientSettings;
  readonly connection: Pick<Connection, "publish">;
  readonly counters: Counters;
}

/** Statuses of its own that a device recognises: those of so many dials and announcements. */
const OWN_STATUSES = 256;
/** Between two answers to somebody who overwrites the status, in ms: they must not drive each other. */
const CORRECTION_MS = 1_000;
/** The same for lines in the log that tell of it. */
const TWIN_WARNING_MS = 60_000;
/** How long leaving waits for the broker to take the last status, in ms. */
const FAREWELL_MS = 1_000;
/** After the broker has closed the link over an announcement, in ms. */
const REFUSED_PAUSE_MS = 60_000;
/** MQTT 5 §2.4: the broker retains no messages. */
const RETAIN_NOT_SUPPORTED = 0x9a;

/** Tells the others that this device is there, and keeps that true while others overwrite it. */
export class Announcer {
  /** Where the status is. */
  readonly topic: string;
  readonly #options: AnnouncerOptions;
  /** The times of the statuses that this client has made, by which it recognises them. */
  readonly #own = new LruMap<number, true>(OWN_STATUSES);
  #isOnline = false;
  #latest = 0;
  /** The latest announcement that was not made at the beginning of a link, in monotonic ms. */
  #correctedAt = -Infinity;
  #warnedAt = -Infinity;
  /** The broker closes the link over it: not before this time, in monotonic ms. */
  #refusedUntil = -Infinity;
  /** An announcement under way is repeated on the next link by itself. */
  #isAnnouncing = false;
  /** Whether another one is to follow: the status was overwritten meanwhile. */
  #isDue = false;
  #stopTimer: (() => void) | undefined;
  #farewell: AbortController | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    const { topics, identifier } = options.settings;
    this.topic = statusTopicOf(topics.namespace, identifier);
  }

  /** A status of this moment. No two have the same time, so that each is recognised. */
  #encode(state: DeviceState): string {
    this.#latest = Math.max(this.#options.settings.clock.epochMs(), this.#latest + 1);
    this.#own.set(this.#latest, true);
    return encodeStatus(state, this.#latest);
  }

  /** What the broker says of this device when the link that is dialled now ends without a farewell. */
  will(): WillMessage {
    return { topic: this.topic, payload: this.#encode("OFFLINE"), qos: 1, retain: true };
  }

  /** The link is up. */
  start(): void {
    this.#isOnline = true;
    const pauseMs = this.#refusedUntil - this.#options.settings.clock.monotonicMs();
    if (pauseMs > 0) this.#announceIn(pauseMs);
    else if (!this.#isAnnouncing) void this.#announce();
  }

  /** The link is gone, or the client is closed. */
  stop(): void {
    this.#isOnline = false;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#farewell?.abort(new Error("the link is lost"));
  }

  /** Whether it has told that this device is there. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Says that the device leaves, and waits a while for the broker to take it: whether it has. Never rejects. */
  async leave(): Promise<boolean> {
    this.stop();
    const abort = new AbortController();
    this.#farewell = abort;
    const wait = { timeoutMs: FAREWELL_MS, signal: abort.signal };
    const isTold = await this.#publish("OFFLINE", wait);
    this.#farewell = undefined;
    return isTold;
  }

  async #announce(): Promise<void> {
    this.#isDue = true;
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    while (this.#isDue && this.#isOnline) {
      this.#isDue = false;
      await this.#publish("ONLINE", {});
    }
    this.#isAnnouncing = false;
  }

  async #publish(
    state: DeviceState,
    wait: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<boolean> {
    const { settings } = this.#options;
    try {
      await this.#send(state, wait, true);
      return true;
    } catch (error) {
      const isOver = error instanceof LinkLostError && error.isOverThisCall;
      if (isOver) this.#refusedUntil = settings.clock.monotonicMs() + REFUSED_PAUSE_MS;
      // Without a link, the Last Will tells of it.
      const level = this.#isOnline || isOver ? "warn" : "debug";
      const { topic } = this;
      settings.logger?.[level]({ topic, state, error }, "could not announce this device");
      return false;
    }
  }

  async #send(
    state: DeviceState,
    wait: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
    retain: boolean,
  ): Promise<void> {
    const { settings, connection } = this.#options;
    const { topic } = this;
    const deadline = operationDeadline(settings, wait, `announce this device on ${topic}`);
    const payload = this.#encode(state);
    try {
      await connection.publish({ topic, payload, qos: 1, retain }, deadline);
    } catch (error) {
      const isUnretained =
        error instanceof PublishRefusedError && error.reasonCode === RETAIN_NOT_SUPPORTED;
      if (!isUnretained || !retain) throw error;
      await this.#send(state, wait, false);
    }
  }

  /** Takes note of what the broker brings on the topic of the status. */
  hear({ state, lastUpdated }: DeviceStatus, isRetained: boolean): void {
    // What was retained is from before this link; it is overwritten by now, or about to be.
    if (!this.#isOnline || isRetained) return;
    const isOwn = lastUpdated !== undefined && this.#own.get(lastUpdated) === true;
    if (!isOwn) this.#warnOfTwin(state, lastUpdated);
    // An own one may come late, too: the Last Will of a link that the broker has just found dead.
    if (state === "OFFLINE") this.#correct();
  }

  #warnOfTwin(state: DeviceState, lastUpdated: number | undefined): void {
    const { settings, counters } = this.#options;
    const { clock, identifier, logger } = settings;
    counters.statusConflicts += 1;
    const now = clock.monotonicMs();
    const isDue = now - this.#warnedAt >= TWIN_WARNING_MS;
    if (isDue) this.#warnedAt = now;
    const when =
      lastUpdated === undefined ? "" : `, last of ${new Date(lastUpdated).toISOString()}`;
    logger?.[isDue ? "warn" : "debug"](
      { topic: this.topic, identifier, state, lastUpdated },
      `another client has the identifier ${JSON.stringify(identifier)}, too, and has overwritten its status${when}: ` +
        "give each its own, or set ensureUniqueIdentifier",
    );
  }

  #correct(): void {
    const { clock } = this.#options.settings;
    this.#announceIn(this.#correctedAt + CORRECTION_MS - clock.monotonicMs());
  }

  /** Announces once after that time, however often this is called until then. */
  #announceIn(delayMs: number): void {
    if (this.#stopTimer !== undefined) return;
    const { clock } = this.#options.settings;
    const announce = (): void => {
      this.#stopTimer = undefined;
      this.#correctedAt = clock.monotonicMs();
      if (this.#isOnline) void this.#announce();
    };
    if (delayMs <= 0) announce();
    else this.#stopTimer = clock.startTimer(announce, delayMs);
  }
}
