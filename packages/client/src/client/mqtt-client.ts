import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { MessageHandlerOf } from "../handlers/message-handler.ts";
import { HandlerList, HandlerListRunner } from "../handlers/runner.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { Emitter } from "../runtime/emitter.ts";
import type {
  PublishOptions,
  RequestOptions,
  RespondOptions,
  SubscribeOptions,
  WaitOptions,
} from "./options/call-options.ts";
import type { DisconnectOptions } from "./drain.ts";
import { readManyOptions } from "./options/group-options.ts";
import type { DeviceAnswer, RequestManyOptions } from "./options/group-options.ts";
import type { ClientEvents, ClientListener, ClientState } from "./session.ts";
import { Session, assertListener } from "./session.ts";
import { createDeviceHandle } from "./device-handle.ts";
import type { DeviceHandle } from "./device-handle.ts";
import type { MQTTClientOptions } from "./options/client-options.ts";
import { readSettings } from "./options/settings.ts";
import type { PresenceOptions } from "./presence/presence-options.ts";
import type { DevicePresence } from "./presence/roster.ts";
import type { ClientStatistics } from "./statistics.ts";
import { startCounters } from "./statistics.ts";

/**
 * A requester and a device at once: sends requests to other devices and handles those that arrive
 * for its own identifier. One connection serves both; it comes back by itself when it is lost.
 * @example
 * const client = new MQTTClient({ broker: "localhost" });
 * await client.connect();
 * const gains = await client.device("2D_XX_0_9999", "axuv").get("gains");
 */
export class MQTTClient {
  /** MQTT client id, device tag, and `source` of the messages. */
  readonly identifier: string;
  /** The broker's URL, without credentials and query. */
  readonly broker: string;
  /** Default deadline of every call, in ms. */
  readonly timeoutMs: number;
  /** The groups of devices that this one is in. */
  readonly groups: readonly string[];
  readonly #session: Session;
  readonly #events: Emitter<ClientEvents>;
  readonly #handlers = new HandlerList<MQTTClient>();

  /**
   * Makes a client; nothing is dialled before {@link MQTTClient.connect}.
   * @throws {RuntimeNotSupportedError} this is Node 18 or older.
   * @throws {OptionError} an option is unknown or has a value that it cannot have.
   * @throws {TopicError} identifier, namespace or a subscription is no valid part of a topic.
   */
  constructor(options: MQTTClientOptions) {
    const settings = readSettings(options);
    this.identifier = settings.identifier;
    this.broker = settings.broker;
    this.timeoutMs = settings.timeoutMs;
    this.groups = settings.groups;
    this.#events = new Emitter(settings.logger);
    const counters = startCounters();
    const runner = new HandlerListRunner<MQTTClient>({
      client: this,
      handlers: this.#handlers,
      onHandlerError: (topic, error) => {
        counters.handlerErrors += 1;
        settings.logger?.error({ topic, error }, "a message handler failed");
      },
    });
    const onState: ClientListener<"state"> = (...change) => this.#events.emit("state", ...change);
    this.#session = new Session({ settings, runner, counters, onState });
  }

  /**
   * `idle` before the first connect, `connecting`, `online`, `reconnecting` after a lost link, `closed`.
   * @example if (client.state === "reconnecting") console.log("waiting for the broker");
   */
  get state(): ClientState {
    return this.#session.state;
  }

  /**
   * Whether the link to the broker is up. Calls made while it is not wait for it, once `connect()` was called.
   * @example console.log(client.isConnected ? "online" : client.state);
   */
  get isConnected(): boolean {
    return this.state === "online";
  }

  /**
   * What the client has counted so far, and what it holds now.
   * @example console.log(client.statistics.requestsSent);
   */
  get statistics(): ClientStatistics {
    return this.#session.statistics;
  }

  /**
   * Adds a listener; returns the function that removes it. What a listener throws is logged.
   *
   * @throws {OptionError} there is no such event, or the listener is no function.
   * @example
   * ```ts
   * client.on("state", (next, previous) => console.log(`${previous} → ${next}`));
   * ```
   */
  on<Name extends keyof ClientEvents>(name: Name, listener: ClientListener<Name>): () => void {
    assertListener(name, listener);
    return this.#events.on(name, listener);
  }

  /** @example client.off("state", listener); */
  off<Name extends keyof ClientEvents>(name: Name, listener: ClientListener<Name>): void {
    this.#events.off(name, listener);
  }

  /**
   * Connects, and subscribes to the requests for this identifier and to `subscriptions`. Does nothing
   * when connected; calls made at the same time share one dial. After `disconnect()` it connects again.
   * Gives the client itself, for `await using`.
   *
   * @param options.timeoutMs - longest wait in ms; default: the client's `timeoutMs`.
   * @param options.signal - ends the wait, and the dial if nobody else waits for it.
   * @throws {ConnectionFailedError} no broker there, or it refused; `cause` and `reasonCode` say why.
   * @throws {SubscriptionRefusedError} the broker refused a subscription.
   * @example
   * ```ts
   * await using client = await new MQTTClient({ broker: "localhost" }).connect();
   * ```
   */
  async connect(options: WaitOptions = {}): Promise<this> {
    await this.#session.connect(options);
    return this;
  }

  /**
   * Lets requests that were taken be answered, then disconnects. Further requests are answered 503 meanwhile.
   * Every call that waits, `request()` included, rejects with `ClientClosedError` then; other messages that no
   * handler has seen yet are dropped. Idempotent: calls made at the same time share one end, the soonest.
   *
   * @throws {OptionError} an option is unknown or has a value that it cannot have. It rejects with nothing else.
   * @example await client.disconnect();
   */
  disconnect(options: DisconnectOptions = {}): Promise<void> {
    return this.#session.disconnect(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  /**
   * Sends a request and waits for its response. Calls made while reconnecting wait for the link.
   *
   * @param options.timeoutMs - longest wait in ms, counted from the call; default: the client's `timeoutMs` (5000).
   * @throws {GatewayTimeoutResponse} no response in time. The device may still have acted.
   * @throws {ResponseException} the device answered with an error code, as the subclass for that code.
   * @throws {ServiceUnavailableResponse} nobody serves the device's requests; told at once with MQTT 5 and QoS 1 or 2.
   * @throws {PayloadValidationError} the request cannot be sent as JSON, or `schema` refused the response's body.
   * @throws {TopicError} `targetDeviceTag` or `subsystem` is no topic segment.
   * @throws {OptionError} an option is unknown or has a value that it cannot have.
   * @throws {NotConnectedError} `connect()` was not called, or the client has been closed (`ClientClosedError`).
   * @example
   * const { body } = await client.request({
   *   targetDeviceTag: "2D_XX_0_9999",
   *   subsystem: "axuv",
   *   path: "gains",
   * });
   */
  request<Schema extends StandardSchemaV1 = StandardSchemaV1>(
    options: RequestOptions<Schema>,
  ): Promise<ResponsePayload<StandardSchemaV1.InferOutput<Schema>>> {
    return this.#session.requester.send(options);
  }

  /**
   * Asks the devices of a group, or each of a list, and gives their answers as they come, errors among them as
   * values: until `maxResponses`, the deadline (`timeoutMs` for all together) or the end of the loop. Sends nothing
   * before the loop begins, which throws where nothing could be sent, and when the client closes.
   *
   * @throws {OptionError} an option is unknown or has a value that it cannot have.
   * @throws {TopicError} the group, a target or the subsystem is no topic segment.
   * @example
   * ```ts
   * const asked = client.requestMany({ group: "all", subsystem: "axuv", path: "status" });
   * for await (const { source, response, error } of asked) console.log(source, error ?? response);
   * ```
   */
  requestMany<Schema extends StandardSchemaV1 = StandardSchemaV1>(
    options: RequestManyOptions<Schema>,
  ): AsyncIterableIterator<DeviceAnswer<StandardSchemaV1.InferOutput<Schema>>> {
    return this.#session.groupRequester.gather(readManyOptions(options));
  }

  /**
   * `request()` for one subsystem of one device: `get`, `read`, `put`, `post`, `delete`.
   *
   * @throws {TopicError} one of the two is no topic segment.
   * @example
   * ```ts
   * const axuv = client.device("2D_XX_0_9999", "axuv");
   * await axuv.put("gains", [8, 8, 4, 4, 2]);
   * ```
   */
  device(targetDeviceTag: string, subsystem: string): DeviceHandle {
    return createDeviceHandle({ targetDeviceTag, subsystem }, (options) => this.request(options));
  }

  /**
   * Which devices are there: first what is known, then each change; of several the latest for a slow consumer. Ends
   * with the client.
   *
   * @throws {SubscriptionRefusedError} in the loop: the broker refused the subscription.
   * @throws {NotConnectedError} in the loop: `connect()` was not called, or an error has closed the client.
   * @example
   * for await (const { identifier, state } of client.presence()) console.log(identifier, state);
   */
  presence(options: PresenceOptions = {}): AsyncIterableIterator<DevicePresence, undefined> {
    return this.#session.presence.watch(options);
  }

  /**
   * Publishes a JSON object. Resolved means: with QoS 0 it was handed to the operating system, with
   * QoS 1 and 2 the broker has it.
   *
   * @throws {PayloadValidationError} JSON would spoil the payload, or it would stop a peer's message loop.
   * @throws {PublishRefusedError} the broker refused it (MQTT 5, QoS 1 and 2).
   * @throws {LinkLostError} the link was lost meanwhile; with QoS 1 it is sent again instead.
   * @throws {GatewayTimeoutResponse} not done in time; the broker may have it nevertheless.
   * @example await client.publish("lab/door", { body: "open", timestamp: Date.now() }, { qos: 1 });
   */
  publish(topic: string, payload: object, options: PublishOptions = {}): Promise<void> {
    return this.#session.publisher.publish(topic, payload, options);
  }

  /**
   * Answers a request from within a request handler: on the topic that belongs to `requestTopic`, with
   * path and ids of the request and this client as the source. Delivery as with `publish()`.
   *
   * @throws {TopicError} `requestTopic` is not the topic of a request.
   * @throws {PayloadValidationError} JSON would spoil the body.
   * @example await client.respond(topic, request, { code: ResponseCode.CHANGED });
   */
  respond(
    requestTopic: string,
    request: RequestPayload,
    options: RespondOptions = {},
  ): Promise<void> {
    return this.#session.publisher.respond(requestTopic, request, options);
  }

  /**
   * Subscribes to a topic filter and waits for the broker's consent. What arrives goes to the handlers.
   * It lasts, across reconnects, until `unsubscribe`; doing it twice is doing it once.
   *
   * @throws {SubscriptionRefusedError} the broker refused it.
   * @example await client.subscribe("lab/+/state");
   */
  subscribe(filter: string, options: SubscribeOptions = {}): Promise<void> {
    return this.#session.subscriber.subscribe(filter, options);
  }

  /**
   * Undoes a `subscribe`, or a filter of the `subscriptions` option; nothing happens where there was none.
   * @example await client.unsubscribe("lab/+/state");
   */
  unsubscribe(filter: string, options: WaitOptions = {}): Promise<void> {
    return this.#session.subscriber.unsubscribe(filter, options);
  }

  /**
   * Adds a handler at the end of the chain. It sees messages that arrive from now on.
   *
   * @throws {OptionError} it is no handler.
   * @example client.addMessageHandler(new RequestHandlerBase({ process }));
   */
  addMessageHandler(handler: MessageHandlerOf<MQTTClient>): void {
    this.#handlers.add(handler);
  }

  /**
   * Takes a handler out of the chain; false when it was not there. Messages on their way still pass it.
   * @example client.removeMessageHandler(handler);
   */
  removeMessageHandler(handler: MessageHandlerOf<MQTTClient>): boolean {
    return this.#handlers.remove(handler);
  }

  /**
   * Sets the credentials for the next dial; the current link stays.
   *
   * @throws {OptionError} they are neither texts nor, for the password, a function.
   * @example client.setCredentials("lab", () => readToken());
   */
  setCredentials(username: string, password: string | (() => string | Promise<string>)): void {
    this.#session.setCredentials(username, password);
  }
}
