import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { Credentials } from "../connection/dial.ts";
import type { ConnectionState } from "../connection/state.ts";
import type { MessageRunner } from "../handlers/message-runner.ts";
import { ConnectionFailedError } from "../errors/connection-failed-error.ts";
import { ClientClosedError } from "../errors/connection-errors.ts";
import { refuseUnknownOptions } from "../options/option-names.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import type { Subscription } from "../transport/transport.ts";
import { callDeadline } from "./options/call-deadline.ts";
import { WAIT_OPTION_NAMES } from "./options/call-options.ts";
import type {
  PublishOptions,
  RequestOptions,
  RespondOptions,
  SubscribeOptions,
  WaitOptions,
} from "./options/call-options.ts";
import type { Parts } from "./parts.ts";
import { createParts } from "./parts.ts";
import { readCredentials } from "./options/broker-options.ts";
import type { ClientSettings } from "./options/settings.ts";
import type { ClientStatistics, Counters } from "./statistics.ts";

/** Where a client stands: `idle` before the first connect, `connecting`, `online`, `reconnecting` after a lost link, `closed`. */
export type ClientState = ConnectionState["kind"];

/** The events of a client, with what their listeners get. */
export interface ClientEvents {
  /** After every change of state. `cause` says why the link was lost or the client closed, where an error did it. */
  readonly state: readonly [next: ClientState, previous: ClientState, cause: Error | undefined];
}

/** What a client is made of. */
export interface ClientCoreOptions {
  readonly settings: ClientSettings;
  /** Takes the messages through the handlers, wherever these run. */
  readonly runner: MessageRunner;
  readonly counters: Counters;
  readonly onState: (...change: ClientEvents["state"]) => void;
}

/** Everything that a client does, but for its handlers and listeners: these need not run where it does. */
export class ClientCore {
  readonly #settings: ClientSettings;
  readonly #counters: Counters;
  readonly #onState: ClientCoreOptions["onState"];
  readonly #parts: Parts;
  #credentials: Credentials;

  constructor({ settings, runner, counters, onState }: ClientCoreOptions) {
    this.#settings = settings;
    this.#counters = counters;
    this.#onState = onState;
    this.#credentials = settings.credentials;
    this.#parts = createParts({
      settings,
      runner,
      counters,
      credentials: () => this.#credentials,
      onStateChange: (next, previous) => {
        this.#onStateChange(next, previous);
      },
    });
  }

  get state(): ClientState {
    return this.#parts.connection.state.kind;
  }

  get statistics(): ClientStatistics {
    const { connection, exchange } = this.#parts;
    return {
      ...this.#counters,
      requestsInFlight: exchange.size,
      subscriptionsHeld: connection.subscriptionCount,
    };
  }

  /** What the user has subscribed to. */
  get userSubscriptions(): readonly Subscription[] {
    return this.#parts.subscriber.subscriptions;
  }

  #onStateChange(next: ConnectionState, previous: ConnectionState): void {
    const { clock, logger } = this.#settings;
    // While online, the socket keeps the process alive; the timer may, too.
    clock.setLingering(next.kind === "online");
    const cause = "cause" in next ? next.cause : undefined;
    logger?.info(
      { state: next.kind, previous: previous.kind, error: cause },
      "the connection changed its state",
    );
    if (next.kind === "online" && previous.kind === "reconnecting") this.#counters.reconnects += 1;
    if (next.kind === "closed") this.#endCalls(cause);
    this.#onState(next.kind, previous.kind, cause);
  }

  #endCalls(cause: Error | undefined): void {
    const { exchange, requester, inbox, desk } = this.#parts;
    inbox.clear();
    desk.clear();
    const { broker } = this.#settings;
    const closedError = (): Error =>
      new ClientClosedError("get a response", broker, { cause, wasPending: true });
    exchange.rejectAll(closedError);
    requester.rejectAll(closedError);
  }

  /** Everything that `MQTTClient.connect` does. */
  async connect(options: WaitOptions): Promise<void> {
    refuseUnknownOptions(options, WAIT_OPTION_NAMES, "connect()");
    const { broker, identifier: source } = this.#settings;
    const limits = callDeadline(this.#settings, options, (timeoutMs) => {
      const cause = new Error(`no answer within ${String(timeoutMs)} ms`);
      return new ConnectionFailedError(broker, { cause, source });
    });
    await this.#parts.connection.connect(limits);
  }

  async disconnect(): Promise<void> {
    await this.#parts.connection.close();
  }

  /** Everything that `MQTTClient.request` does. */
  request<Schema extends StandardSchemaV1>(
    options: RequestOptions<Schema>,
  ): Promise<ResponsePayload<StandardSchemaV1.InferOutput<Schema>>> {
    // The body is what the schema gave out; without one its type is unknown.
    return this.#parts.requester.send(options);
  }

  /** Everything that `MQTTClient.publish` does. */
  publish(topic: string, payload: object, options: PublishOptions): Promise<void> {
    return this.#parts.publisher.publish(topic, payload, options);
  }

  /** Everything that `MQTTClient.respond` does. */
  respond(topic: string, request: RequestPayload, options: RespondOptions): Promise<void> {
    return this.#parts.publisher.respond(topic, request, options);
  }

  /** Everything that `MQTTClient.subscribe` does. */
  subscribe(filter: string, options: SubscribeOptions): Promise<void> {
    return this.#parts.subscriber.subscribe(filter, options);
  }

  /** Everything that `MQTTClient.unsubscribe` does. */
  unsubscribe(filter: string, options: WaitOptions): Promise<void> {
    return this.#parts.subscriber.unsubscribe(filter, options);
  }

  /** Counts an error that a handler threw and that reached no caller. */
  noteHandlerError(): void {
    this.#counters.handlerErrors += 1;
  }

  /** Everything that `MQTTClient.setCredentials` does. */
  setCredentials(username: unknown, password: unknown): void {
    this.#credentials = readCredentials(username, password);
  }
}
