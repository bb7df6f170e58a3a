import type { StandardSchemaV1 } from "@standard-schema/spec";

import { WAIT_OPTION_NAMES } from "../client/options/call-options.ts";
import { checkBodySync, readSchema } from "../client/options/body-schema.ts";
import type {
  RequestOptions,
  RespondOptions,
  SubscribeOptions,
  WaitOptions,
} from "../client/options/call-options.ts";
import type { DisconnectOptions } from "../client/drain.ts";
import { readDrainMs } from "../client/drain.ts";
import { readManyOptions } from "../client/options/group-options.ts";
import type { DeviceAnswer, RequestManyOptions } from "../client/options/group-options.ts";
import { assertListener } from "../client/session.ts";
import {
  DURATION_MS,
  booleanValue,
  signalValue,
  wholeNumber,
  refuseUnknownOptions,
} from "../options/checks.ts";
import { watchDeadline } from "../client/presence/presence-options.ts";
import type { PresenceOptions } from "../client/presence/presence-options.ts";
import type { DevicePresence } from "../client/presence/roster.ts";
import { readCredentials } from "../client/options/broker-options.ts";
import type { ClientEvents, ClientListener, ClientState } from "../client/session.ts";
import type { ClientStatistics } from "../client/statistics.ts";
import { OptionError } from "../errors/input-errors.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import type { MessageHandlerOf } from "../handlers/message-handler.ts";
import { refuseAsync } from "../handlers/message-handler.ts";
import { HandlerList } from "../handlers/runner.ts";
import { encodeJson } from "../json/encode.ts";
import { isJsonObject } from "../json/object.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import { readSendable } from "../protocol/sendable.ts";
import { Emitter } from "../runtime/emitter.ts";
import type { BlockingCall, Entry } from "./blocking-call.ts";
import { BlockingSession } from "./blocking-session.ts";
import { askMany } from "./crossing-answers.ts";
import { callingThread } from "./calling-thread.ts";
import { createSyncDeviceHandle } from "./device-handle.ts";
import type { SyncDeviceHandle } from "./device-handle.ts";
import { encodeAnswer } from "./messages.ts";
import type { CallName } from "./messages.ts";
import type { RunOptions, SyncMQTTClientOptions, SyncPublishOptions } from "./options.ts";
import { assertUnawaited, readSyncSettings } from "./options.ts";
import { nodeModules } from "./worker-source.ts";

/**
 * `MQTTClient` for plain scripts: its calls block until they are done. All of the protocol runs in a worker
 * thread; handlers, listeners, the logger and a password function run on the thread that uses the client: while
 * it waits in a call, in `sleep()` or `run()`, and otherwise from its event loop.
 * @example
 * const client = new SyncMQTTClient({ broker: "localhost" });
 * client.connect();
 * const gains = client.device("2D_XX_0_9999", "axuv").get("gains");
 */
export class SyncMQTTClient {
  /** MQTT client id, device tag, and `source` of the messages. */
  readonly identifier: string;
  /** The broker's URL, without credentials and query. */
  readonly broker: string;
  /** Default deadline of every call, in ms. */
  readonly timeoutMs: number;
  /** The groups of devices that this one is in. */
  readonly groups: readonly string[];
  readonly #handlers = new HandlerList<SyncMQTTClient>();
  readonly #events: Emitter<ClientEvents>;
  readonly #session: BlockingSession<SyncMQTTClient>;

  /**
   * Makes a client; neither a thread nor a connection is begun before {@link SyncMQTTClient.connect}.
   *
   * @throws {RuntimeNotSupportedError} a thread cannot be blocked here: in browsers, or without `SharedArrayBuffer`.
   * @throws {OptionError} an option is unknown, has a value that it cannot have, or is a function that would
   * have to run in the worker.
   * @throws {TopicError} identifier, namespace or a subscription is no valid part of a topic.
   */
  constructor(options: SyncMQTTClientOptions) {
    const modules = nodeModules();
    const sync = readSyncSettings(options);
    const { identifier, broker, timeoutMs, logger } = sync.settings;
    this.identifier = identifier;
    this.broker = broker;
    this.timeoutMs = timeoutMs;
    this.groups = sync.settings.groups;
    this.#events = new Emitter(logger);
    const handlers = this.#handlers;
    this.#session = new BlockingSession({
      client: this,
      handlers,
      sync,
      modules,
      events: this.#events,
    });
  }

  /** `idle` before the first connect, `connecting`, `online`, `reconnecting` after a lost link, `closed`. */
  get state(): ClientState {
    return this.#session.state;
  }

  /** Whether the link to the broker is up. Calls made while it is not wait for it, once `connect()` was called. */
  get isConnected(): boolean {
    return this.state === "online";
  }

  /** What the client has counted so far, and what it holds now. */
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

  off<Name extends keyof ClientEvents>(name: Name, listener: ClientListener<Name>): void {
    this.#events.off(name, listener);
  }

  /** A call as it crosses. What is wrong with its options, the worker tells; the signal stays here. */
  #prepare(name: CallName, options: WaitOptions, isServing = false): Omit<BlockingCall, "args"> {
    if (!isJsonObject(options)) {
      return { name, options, wait: { operation: name, timeoutMs: this.timeoutMs, isServing } };
    }
    const { signal, ...values } = options;
    const { timeoutMs: given } = values;
    const timeoutMs = typeof given === "number" && given > 0 ? given : this.timeoutMs;
    const wait = { operation: name, timeoutMs, signal: signalValue(signal), isServing };
    return { name, options: values, wait };
  }

  /** As `MQTTClient.connect`; gives the client, for `using`. Starts the worker thread first, which takes some hundred ms. */
  connect(options: WaitOptions = {}): this {
    this.#session.call({ ...this.#prepare("connect", options, true), args: [] });
    return this;
  }

  /** As `MQTTClient.disconnect`; ends the worker thread, too. In a handler it does not drain: that cannot go on before. */
  disconnect(options: DisconnectOptions = {}): void {
    this.#session.disconnect(readDrainMs(options, this.#handlers.incoming.length > 0));
  }

  [Symbol.dispose](): void {
    this.disconnect();
  }

  /**
   * As `MQTTClient.request`. Handlers run meanwhile, those for requests to this client included. A `signal` can
   * be aborted by these only: timers do not run while the thread waits.
   *
   * @throws {NestedCallError} made in a handler, within too many calls of other handlers.
   * @throws {WorkerLostError} the worker thread has ended. The device may have acted.
   */
  request<Schema extends StandardSchemaV1 = StandardSchemaV1>(
    options: RequestOptions<Schema>,
  ): ResponsePayload<StandardSchemaV1.InferOutput<Schema>> {
    return this.#request(options);
  }

  #request<Schema extends StandardSchemaV1>(
    options: RequestOptions<Schema>,
    entry?: Entry,
  ): ResponsePayload<StandardSchemaV1.InferOutput<Schema>> {
    const { schema, body, ...values }: Partial<RequestOptions<Schema>> = isJsonObject(options)
      ? options
      : {};
    readSchema(schema);
    const payload = this.#session.crossing.write({ body }, "request payload");
    const call = this.#prepare("request", isJsonObject(options) ? values : options, true);
    callingThread.assertShallow("request", values.targetDeviceTag === this.identifier);
    // The worker gives a response; what handlers made of it is theirs to answer for.
    const response = this.#session.call({ ...call, args: [payload], entry }) as ResponsePayload<
      StandardSchemaV1.InferOutput<Schema>
    >;
    return schema === undefined
      ? response
      : { ...response, body: checkBodySync(schema, response.body, "response") };
  }

  /** As `MQTTClient.requestMany`; the loop blocks until the next answer is there. */
  requestMany<Schema extends StandardSchemaV1 = StandardSchemaV1>(
    options: RequestManyOptions<Schema>,
  ): IterableIterator<DeviceAnswer<StandardSchemaV1.InferOutput<Schema>>> {
    return askMany(this.#session, readManyOptions(options), this.timeoutMs);
  }

  /** `request()` for one subsystem of one device: `get`, `read`, `put`, `post`, `delete`. */
  device(targetDeviceTag: string, subsystem: string): SyncDeviceHandle {
    return createSyncDeviceHandle({ targetDeviceTag, subsystem }, (options, entry) =>
      this.#request(options, entry),
    );
  }

  /** As `MQTTClient.presence`: each step of the loop blocks, and serves meanwhile. */
  presence(options: PresenceOptions = {}): IterableIterator<DevicePresence, undefined> {
    watchDeadline(options);
    const timeoutMs = DURATION_MS.max;
    const { wait, ...call } = this.#prepare("presence", options, true);
    return this.#session.iterate({ ...call, wait: { ...wait, timeoutMs } });
  }

  /**
   * As `MQTTClient.publish`; with `wait: false` it returns before the message is on its way. At most 1000 such
   * messages are under way: a further one waits for room.
   */
  publish(topic: string, payload: object, options: SyncPublishOptions = {}): void {
    const { wait = true, ...others }: SyncPublishOptions = isJsonObject(options) ? options : {};
    // The worker sees what became of it as JSON.
    const text = encodeJson(readSendable(payload), "payload");
    const call = this.#prepare("publish", isJsonObject(options) ? others : options);
    if (booleanValue("wait", wait)) {
      callingThread.assertShallow("publish", false);
      this.#session.call({ ...call, args: [topic, text] });
      return;
    }
    assertUnawaited(topic, options);
    this.#session.send({ ...call, args: [topic, text] });
  }

  /** As `MQTTClient.respond`. */
  respond(requestTopic: string, request: RequestPayload, options: RespondOptions = {}): void {
    const { body, header, ...others }: RespondOptions = isJsonObject(options) ? options : {};
    const payload = encodeAnswer(this.#session.crossing, request, { body, header });
    const call = this.#prepare("respond", isJsonObject(options) ? others : options);
    callingThread.assertShallow("respond", false);
    this.#session.call({ ...call, args: [requestTopic, payload] });
  }

  /** As `MQTTClient.subscribe`. */
  subscribe(filter: string, options: SubscribeOptions = {}): void {
    callingThread.assertShallow("subscribe", false);
    this.#session.callAndKeep({ ...this.#prepare("subscribe", options), args: [filter] });
  }

  /** As `MQTTClient.unsubscribe`. */
  unsubscribe(filter: string, options: WaitOptions = {}): void {
    callingThread.assertShallow("unsubscribe", false);
    this.#session.callAndKeep({ ...this.#prepare("unsubscribe", options), args: [filter] });
  }

  /** As `MQTTClient.addMessageHandler`. The handler must not be asynchronous: a promise that it gives is an error. */
  addMessageHandler(handler: MessageHandlerOf<SyncMQTTClient>): void {
    this.#handlers.add(handler);
    this.#session.noteHandlers();
  }

  /** Takes a handler out of the chain; false when it was not there. Messages on their way still pass it. */
  removeMessageHandler(handler: MessageHandlerOf<SyncMQTTClient>): boolean {
    const isRemoved = this.#handlers.remove(handler);
    this.#session.noteHandlers();
    return isRemoved;
  }

  /** As `MQTTClient.setCredentials`; a function must not be asynchronous. */
  setCredentials(username: string, password: string | (() => string)): void {
    refuseAsync("password", password);
    this.#session.setCredentials(readCredentials(username, password));
  }

  /**
   * Waits for `ms`, 0 or more, fractions count, and serves meanwhile: handlers run. Just waits when not connected.
   *
   * @throws {WorkerLostError} the worker thread has ended.
   * @example client.sleep(2_000);
   */
  sleep(ms: number): void {
    if (typeof ms !== "number" || !(ms >= 0 && ms <= DURATION_MS.max)) {
      throw new OptionError("ms", ms, `a number of ms from 0 to ${String(DURATION_MS.max)}`);
    }
    this.#session.sleep(ms);
  }

  /**
   * Serves until a handler aborts the signal or calls `disconnect()`, or the time is over; then it returns.
   *
   * @throws {NotConnectedError} `connect()` was not called, or the client is closed.
   * @throws {ClientClosedError} the client was closed by an error: reconnecting was given up, or the worker ended.
   * @example client.run({ timeoutMs: 60_000 });
   */
  run(options: RunOptions = {}): void {
    refuseUnknownOptions(options, WAIT_OPTION_NAMES, "run()");
    const { timeoutMs = DURATION_MS.max, signal } = options;
    this.#session.run(signalValue(signal), wholeNumber("timeoutMs", timeoutMs, DURATION_MS));
  }
}
