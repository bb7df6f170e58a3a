import type { StandardSchemaV1 } from "@standard-schema/spec";

import {
  REQUEST_OPTION_NAMES,
  RESPOND_OPTION_NAMES,
  SUBSCRIBE_OPTION_NAMES,
  WAIT_OPTION_NAMES,
  checkBodySync,
  readSchema,
} from "../client/options/call-options.ts";
import type {
  RequestOptions,
  RespondOptions,
  SubscribeOptions,
  WaitOptions,
} from "../client/options/call-options.ts";
import { assertListener } from "../client/session.ts";
import type { ClientEvents, ClientState } from "../client/session.ts";
import {
  DURATION_MS,
  booleanValue,
  signalValue,
  wholeNumber,
  orDefault,
  refuseUnknownOptions,
} from "../options/checks.ts";
import { readCredentials } from "../client/options/broker-options.ts";
import type { ClientStatistics } from "../client/statistics.ts";
import { HandlerList } from "../handlers/runner.ts";
import type { MessageHandlerOf } from "../handlers/message-handler.ts";
import { OptionError } from "../errors/input-errors.ts";
import { encodeJson } from "../json/encode.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { assertSendable } from "../protocol/sendable.ts";
import { assertTopicName } from "../protocol/topic-name.ts";
import { Emitter } from "../runtime/emitter.ts";
import type { Entry } from "./blocking-core.ts";
import { BlockingCore } from "./blocking-core.ts";
import type { Wait } from "./caller.ts";
import type { RunOptions, SyncPublishOptions } from "./calls.ts";
import { SYNC_PUBLISH_OPTION_NAMES } from "./calls.ts";
import { createSyncDeviceHandle } from "./device-handle.ts";
import type { SyncDeviceHandle } from "./device-handle.ts";
import { nodeModules } from "./node-modules.ts";
import type { SyncMQTTClientOptions } from "./options.ts";
import { readSyncSettings } from "./options.ts";

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
  readonly #handlers = new HandlerList<SyncMQTTClient>();
  readonly #events: Emitter<ClientEvents>;
  readonly #core: BlockingCore<SyncMQTTClient>;

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
    this.#events = new Emitter(logger);
    const handlers = this.#handlers;
    this.#core = new BlockingCore({ client: this, handlers, sync, modules, events: this.#events });
  }

  /** `idle` before the first connect, `connecting`, `online`, `reconnecting` after a lost link, `closed`. */
  get state(): ClientState {
    return this.#core.state;
  }

  /** Whether the link to the broker is up. Calls made while it is not wait for it, once `connect()` was called. */
  get isConnected(): boolean {
    return this.state === "online";
  }

  /** What the client has counted so far, and what it holds now. */
  get statistics(): ClientStatistics {
    return this.#core.statistics;
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
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (...args: ClientEvents[Name]) => void,
  ): () => void {
    assertListener(name, listener);
    return this.#events.on(name, listener);
  }

  off<Name extends keyof ClientEvents>(
    name: Name,
    listener: (...args: ClientEvents[Name]) => void,
  ): void {
    this.#events.off(name, listener);
  }

  #wait(operation: string, { timeoutMs, signal }: WaitOptions, isServing: boolean): Wait {
    // What is wrong with it, the worker tells.
    const limitMs = typeof timeoutMs === "number" && timeoutMs > 0 ? timeoutMs : this.timeoutMs;
    return { operation, timeoutMs: limitMs, signal: signalValue(signal), isServing };
  }

  /** As `MQTTClient.connect`; gives the client, for `using`. Starts the worker thread first, which takes some hundred ms. */
  connect(options: WaitOptions = {}): this {
    refuseUnknownOptions(options, WAIT_OPTION_NAMES, "connect()");
    const { signal: _signal, ...values } = options;
    const wait = this.#wait("connect", options, true);
    this.#core.call({ name: "connect", options: values, args: [], wait });
    return this;
  }

  /** As `MQTTClient.disconnect`; ends the worker thread, too. Idempotent, and never throws. */
  disconnect(): void {
    this.#core.disconnect();
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
    refuseUnknownOptions(options, REQUEST_OPTION_NAMES, "request()");
    const { schema, signal: _signal, body, ...values } = options;
    readSchema(schema);
    const text = encodeJson({ body }, "request payload");
    const wait = this.#wait("request", options, true);
    this.#core.assertShallow("request", options.targetDeviceTag === this.identifier);
    // The worker gives a response; what handlers made of it is theirs to answer for.
    const response = this.#core.call({
      name: "request",
      options: values,
      args: [text],
      wait,
      entry,
    }) as ResponsePayload<StandardSchemaV1.InferOutput<Schema>>;
    return schema === undefined
      ? response
      : { ...response, body: checkBodySync(schema, response.body, "response") };
  }

  /** The same for one subsystem of one device: `get`, `read`, `put`, `post`, `delete`. */
  device(targetDeviceTag: string, subsystem: string): SyncDeviceHandle {
    return createSyncDeviceHandle({ targetDeviceTag, subsystem }, (options, entry) =>
      this.#request(options, entry),
    );
  }

  /**
   * As `MQTTClient.publish`; with `wait: false` it returns before the message is on its way. At most 1000 such
   * messages are under way: a further one waits for room.
   */
  publish(topic: string, payload: object, options: SyncPublishOptions = {}): void {
    refuseUnknownOptions(options, SYNC_PUBLISH_OPTION_NAMES, "publish()");
    assertTopicName(topic);
    assertSendable(payload);
    const text = encodeJson(payload, "payload");
    const { wait: given, signal: _signal, ...values } = options;
    const wait = this.#wait("publish", options, false);
    const call = { name: "publish", options: values, args: [topic, text] } as const;
    if (booleanValue("wait", orDefault(given, true))) {
      this.#core.assertShallow("publish", false);
      this.#core.call({ ...call, wait });
    } else {
      this.#core.send(call, wait);
    }
  }

  /** As `MQTTClient.respond`. */
  respond(requestTopic: string, request: RequestPayload, options: RespondOptions = {}): void {
    refuseUnknownOptions(options, RESPOND_OPTION_NAMES, "respond()");
    const { body, signal: _signal, ...values } = options;
    const { request_id, path, correlation_id } = request.header;
    const text = encodeJson({ body, header: { request_id, path, correlation_id } }, "response");
    const wait = this.#wait("respond", options, false);
    this.#core.assertShallow("respond", false);
    this.#core.call({ name: "respond", options: values, args: [requestTopic, text], wait });
  }

  /** As `MQTTClient.subscribe`. */
  subscribe(filter: string, options: SubscribeOptions = {}): void {
    refuseUnknownOptions(options, SUBSCRIBE_OPTION_NAMES, "subscribe()");
    const { signal: _signal, ...values } = options;
    const wait = this.#wait("subscribe", options, false);
    this.#core.assertShallow("subscribe", false);
    this.#core.callAndKeep({ name: "subscribe", options: values, args: [filter], wait });
  }

  /** As `MQTTClient.unsubscribe`. */
  unsubscribe(filter: string, options: WaitOptions = {}): void {
    refuseUnknownOptions(options, WAIT_OPTION_NAMES, "unsubscribe()");
    const { signal: _signal, ...values } = options;
    const wait = this.#wait("unsubscribe", options, false);
    this.#core.assertShallow("unsubscribe", false);
    this.#core.callAndKeep({ name: "unsubscribe", options: values, args: [filter], wait });
  }

  /** As `MQTTClient.addMessageHandler`. The handler must not be asynchronous: a promise that it gives is an error. */
  addMessageHandler(handler: MessageHandlerOf<SyncMQTTClient>): void {
    this.#handlers.add(handler);
    this.#core.noteHandlers();
  }

  /** Takes a handler out of the chain; false when it was not there. Messages on their way still pass it. */
  removeMessageHandler(handler: MessageHandlerOf<SyncMQTTClient>): boolean {
    const isRemoved = this.#handlers.remove(handler);
    this.#core.noteHandlers();
    return isRemoved;
  }

  /** As `MQTTClient.setCredentials`; a function must not be asynchronous. */
  setCredentials(username: string, password: string | (() => string)): void {
    this.#core.setCredentials(readCredentials(username, password));
  }

  /**
   * Waits for some time, and serves meanwhile: handlers run. With a client that is not connected it just waits.
   *
   * @param ms - 0 or more; fractions count.
   * @throws {WorkerLostError} the worker thread has ended.
   * @example
   * client.sleep(2_000);
   */
  sleep(ms: number): void {
    if (typeof ms !== "number" || !(ms >= 0 && ms <= DURATION_MS.max)) {
      throw new OptionError("ms", ms, `a number of ms from 0 to ${String(DURATION_MS.max)}`);
    }
    this.#core.sleep(ms);
  }

  /**
   * Serves until a handler aborts the signal or calls `disconnect()`, or the time is over; then it returns.
   *
   * @throws {NotConnectedError} `connect()` was not called, or the client is closed.
   * @throws {ClientClosedError} the client was closed by an error: reconnecting was given up, or the worker ended.
   * @example
   * client.run({ timeoutMs: 60_000 });
   */
  run(options: RunOptions = {}): void {
    refuseUnknownOptions(options, WAIT_OPTION_NAMES, "run()");
    const { timeoutMs = DURATION_MS.max } = options;
    this.#core.run(signalValue(options.signal), wholeNumber("timeoutMs", timeoutMs, DURATION_MS));
  }
}
