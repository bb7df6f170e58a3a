import type { Connection } from "../../connection/connection.ts";
import { ClientClosedError } from "../../errors/connection-errors.ts";
import type { ResponsePayload } from "../../errors/response-payload.ts";
import { ResponseCode } from "../../errors/response-code.ts";
import { decodeJson } from "../../json/decode.ts";
import type { RequestPayload } from "../../protocol/payload.ts";
import type { DeviceState, DeviceStatus } from "../../protocol/status.ts";
import { readStatus, statusFilterOf, statusIdentifier } from "../../protocol/status.ts";
import type { IncomingMessage, WillMessage } from "../../transport/transport.ts";
import { operationDeadline } from "../options/call-options.ts";
import { EVERYBODY } from "../options/group-options.ts";
import type { ClientSettings } from "../options/settings.ts";
import type { Responder } from "../responder.ts";
import type { Counters } from "../statistics.ts";
import type { UserFilters } from "../user-filters.ts";
import { Announcer } from "./announcer.ts";
import { OnlineQuery, isOnlineQuery } from "./online-query.ts";
import type { PresenceOptions } from "./presence-options.ts";
import { watchDeadline } from "./presence-options.ts";
import { PresenceWatch } from "./presence-watch.ts";
import type { DevicePresence } from "./roster.ts";
import { Roster } from "./roster.ts";

/** What the presence of a client works with. */
export interface PresenceParts {
  readonly settings: ClientSettings;
  readonly connection: Connection;
  readonly responder: Pick<Responder, "respond">;
  readonly filters: Pick<UserFilters, "matches">;
  readonly counters: Counters;
  readonly mailboxFilter: string | undefined;
}

/** A status is a few words; nobody reads more. */
const LARGEST_STATUS_BYTES = 4_096;
/** In characters; names are remembered. */
const LONGEST_IDENTIFIER = 1_024;
/** So that no change is lost. */
const WATCH_QOS = 1;
/** On some clusters, each filter with a higher one costs a dial 0.4 s; here, only a twin would be noticed later. */
const OWN_STATUS_QOS = 0;

/** Whether this client tells that it is there, and what it knows of the others. */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #announcer: Announcer | undefined;
  readonly #statusFilter: string;
  readonly #query: OnlineQuery;
  readonly #roster = new Roster();
  readonly #watches = new Set<PresenceWatch>();
  #stopConfirmation: (() => void) | undefined;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    const { settings, connection } = parts;
    this.#statusFilter = statusFilterOf(settings.topics.namespace);
    this.#query = new OnlineQuery(parts);
    if (!settings.presence) return;
    this.#announcer = new Announcer(parts);
    connection.subscriptions.hold({ filter: this.#announcer.topic, qos: OWN_STATUS_QOS });
  }

  /** Whether the broker may refuse this filter: the device serves without it, and is only known less well. */
  tolerates(filter: string): boolean {
    const everybody = this.#parts.settings.topics.buildRequestFilter(EVERYBODY);
    return this.#announcer !== undefined && [this.#announcer.topic, everybody].includes(filter);
  }

  /** The Last Will of the next link. */
  will(): WillMessage | undefined {
    return this.#announcer?.will();
  }

  /** The link is up. */
  start(): void {
    this.#announcer?.start();
    if (this.#watches.size > 0) this.#confirm();
  }

  /** The link is gone. */
  stop(): void {
    this.#announcer?.stop();
    this.#stopConfirmation?.();
    this.#stopConfirmation = undefined;
    // What is retained comes before the next link is up.
    this.#roster.beginConfirmation();
  }

  /** The client is closed, by an error or because it was to be. */
  close(cause: Error | undefined): void {
    const { broker } = this.#parts.settings;
    for (const watch of this.#watches) {
      const closed = { cause, wasPending: true };
      if (cause === undefined) watch.end();
      else watch.end({ error: new ClientClosedError("watch who is there", broker, closed) });
    }
  }

  /** Tells that this device leaves: whether the broker knows. Undefined: it does not tell such things. Never rejects. */
  leave(): Promise<boolean> | undefined {
    return this.#announcer?.leave();
  }

  /** What a device says of itself, where somebody here watches. */
  stateOf(identifier: string): DeviceState | undefined {
    return this.#roster.stateOf(identifier);
  }

  /** See `MQTTClient.presence`. */
  watch(options: PresenceOptions): PresenceWatch {
    const deadline = watchDeadline(options, this.#parts.settings);
    return new PresenceWatch({ deadline, open: (watch) => this.#open(watch, options) });
  }

  async #open(watch: PresenceWatch, { signal }: PresenceOptions): Promise<() => void> {
    const { settings, connection } = this.#parts;
    const { subscriptions } = connection;
    const filters = [this.#statusFilter, this.#query.filter].filter(
      (filter) => filter !== undefined,
    );
    // Before the subscription: what is retained comes with it.
    const forget = this.#roster.listen(watch.push);
    this.#watches.add(watch);
    const held: string[] = [];
    const stop = (): void => {
      this.#watches.delete(watch);
      forget();
      for (const filter of held) subscriptions.release(filter);
    };
    try {
      for (const filter of filters) {
        const deadline = operationDeadline(settings, { signal }, `subscribe to ${filter}`);
        await subscriptions.subscribe({ filter, qos: WATCH_QOS }, deadline);
        held.push(filter);
      }
    } catch (error) {
      stop();
      throw error;
    }
    void this.#ask();
    return stop;
  }

  async #ask(): Promise<void> {
    try {
      await this.#query.send();
    } catch (error) {
      this.#parts.settings.logger?.debug({ error }, "could not ask who is there");
    }
  }

  /** Finds out who is still there after the time without a link. */
  #confirm(): void {
    const { clock, timeoutMs } = this.#parts.settings;
    this.#stopConfirmation = clock.startTimer(() => {
      this.#roster.endConfirmation();
    }, timeoutMs);
    void this.#ask();
  }

  /** Takes a message on the topic of a status; true: it is for nobody else. */
  takes(message: IncomingMessage): boolean {
    const { settings, filters } = this.#parts;
    const { topic } = message;
    const identifier = statusIdentifier(settings.topics.namespace, topic);
    if (identifier === undefined) return false;
    const status = this.#isListening(topic) ? this.#read(message) : undefined;
    if (status !== undefined) {
      if (topic === this.#announcer?.topic) this.#announcer.hear(status, message.retain);
      this.#note({ identifier, ...status });
    }
    // What comes before the end of a subscription is acknowledged is not for handlers, either.
    return !filters.matches(topic);
  }

  #isListening(topic: string): boolean {
    return this.#watches.size > 0 || topic === this.#announcer?.topic;
  }

  #read({ topic, payload }: IncomingMessage): DeviceStatus | undefined {
    // What clears a retained status tells nothing of the device.
    if (payload.byteLength === 0) return undefined;
    const { counters, settings } = this.#parts;
    try {
      const isShort = payload.byteLength <= LARGEST_STATUS_BYTES;
      const status = isShort ? readStatus(decodeJson(payload)) : undefined;
      if (status !== undefined) return status;
    } catch {
      // Counted below, like everything else that tells no status.
    }
    counters.invalidMessages += 1;
    settings.logger?.warn({ topic }, "dropped a status that cannot be read");
    return undefined;
  }

  /** Answers whoever asks this device or everybody who is there; true: this was such a request. */
  answers({ topic, qos, retain }: IncomingMessage, request: RequestPayload): boolean {
    const { settings, responder } = this.#parts;
    const isAsked = this.#announcer?.isOnline === true && !retain;
    if (!isAsked || !isOnlineQuery(settings, topic, request)) return false;
    const answer = { code: ResponseCode.CONTENT, body: [] };
    void this.#respond(async () =>
      responder.respond({ topic, header: request.header }, answer, { qos }),
    );
    return true;
  }

  async #respond(respond: () => Promise<unknown>): Promise<void> {
    try {
      await respond();
    } catch (error) {
      this.#parts.settings.logger?.warn({ error }, "could not answer that this device is there");
    }
  }

  /** Takes a response to the question who is there; true: this is one. */
  hears(topic: string, response: ResponsePayload): boolean {
    const device = this.#query.answeredBy(topic, response);
    if (device === undefined) return false;
    this.#note(device);
    return true;
  }

  #note(device: DevicePresence): void {
    if (device.identifier.length > LONGEST_IDENTIFIER) this.#parts.counters.invalidMessages += 1;
    else if (this.#watches.size > 0) this.#roster.note(device);
  }
}
