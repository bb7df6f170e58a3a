import type { RequestOptions } from "../client/options/call-options.ts";
import { Session } from "../client/session.ts";
import type { Counters } from "../client/statistics.ts";
import { parseJson } from "../json/decode.ts";
import { isJsonObject } from "../json/object.ts";
import type { ContentFormat } from "../protocol/content-format.ts";
import type { Logger } from "../runtime/logger.ts";
import type {
  Answer,
  Ask,
  WorkerInit,
  CallMessage,
  CallResult,
  CrossingAnswer,
  Snapshot,
  ToCaller,
  ToWorker,
} from "./messages.ts";
import { crossingFormat } from "./crossing-format.ts";
import type { CrossingFormat } from "./crossing-format.ts";
import type { CrossingPlan } from "./crossing-answers.ts";
import { crossingAnswers } from "./crossing-answers.ts";
import type { CrossingCredentials } from "./options.ts";
import { settingsInWorker } from "./options.ts";
import type { Serialized } from "./serialized.ts";
import { ReferencedError, pack, unpack } from "./serialized.ts";
import { createRemoteLogger } from "./remote-logger.ts";
import { RemoteRunner } from "./remote-runner.ts";
import type { SharedCells } from "./shared-cells.ts";

/** What a client in the worker gets of the worker. */
export interface WorkerChannel {
  readonly cells: SharedCells;
  readonly post: (message: ToCaller) => void;
  /** Of its settings, of which only the numbers cross. */
  readonly contentFormats: readonly ContentFormat[];
}

/** What only the caller's thread keeps is not found here. */
const findNothing = (): undefined => undefined;

// What was packed is a call.
const unpackCall = (parts: readonly Serialized[]): CallMessage =>
  parts.map((part) => unpack(part, findNothing)) as unknown as CallMessage;

/** Of a call that gives nothing. */
const NOTHING: CallResult = { kind: "value", value: undefined };

/** The client in the worker: does what it is told, and asks for what only the caller's thread can do. */
export class WorkerClient {
  readonly #channel: WorkerChannel;
  readonly #session: Session;
  readonly #counters: Counters;
  readonly #logger: Logger | undefined;
  readonly #runner: RemoteRunner;
  readonly #crossing: CrossingFormat;
  readonly #cancels = new Map<number, AbortController>();
  readonly #asked = new Map<number, (answer: Answer) => void>();
  /** What the caller iterates over, by the number that it has there. */
  readonly #iterators = new Map<unknown, AsyncIterator<unknown, undefined>>();
  /** The calls under way. */
  readonly #running = new Map<number, Promise<void>>();
  #asks = 0;

  constructor(init: WorkerInit, channel: WorkerChannel) {
    const { credentials, isLogging, counters, subscriptions } = init;
    const { cells, post, contentFormats } = channel;
    this.#crossing = crossingFormat(contentFormats);
    this.#channel = channel;
    this.#counters = counters;
    this.#logger = isLogging
      ? createRemoteLogger({ cells, post, level: init.settings.logLevel })
      : undefined;
    this.#runner = new RemoteRunner(cells, this.#crossing, (ask) => this.#ask(ask));
    const settings = settingsInWorker(init.settings, this.#logger, contentFormats);
    this.#session = new Session({
      settings: subscriptions === undefined ? settings : { ...settings, subscriptions },
      runner: this.#runner,
      counters,
      onState: (state, _previous, cause) => {
        cells.state = state;
        post({ type: "state", state, cause: cause && pack(cause) });
      },
    });
    this.#setCredentials(credentials);
  }

  #ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve) => {
      const id = this.#asks;
      this.#asks += 1;
      this.#asked.set(id, resolve);
      this.#channel.post({ type: "ask", id, ask });
    });
  }

  #setCredentials({ username, password, isAsked }: CrossingCredentials): void {
    this.#session.setCredentials(username, isAsked ? () => this.#askForPassword() : password);
  }

  async #askForPassword(): Promise<string> {
    const answer = await this.#ask({ kind: "password" });
    if (answer.kind === "text") return answer.text;
    throw answer.kind === "threw"
      ? new ReferencedError(answer.thrown)
      : new Error("no password was given");
  }

  /** Takes a message of the caller's thread. */
  take(message: ToWorker): void {
    if (!("type" in message)) {
      this.#start(message);
      return;
    }
    switch (message.type) {
      case "packed-call":
        this.#start(unpackCall(message.parts));
        return;
      case "cancel":
        this.#cancels.get(message.id)?.abort();
        return;
      case "answer": {
        const resolve = this.#asked.get(message.id);
        this.#asked.delete(message.id);
        resolve?.(message.answer);
        return;
      }
      case "handler-error":
        this.#counters.handlerErrors += 1;
        return;
      case "credentials":
        this.#setCredentials(message.credentials);
    }
  }

  #start(call: CallMessage): void {
    const [id, name] = call;
    const running = this.#carryOut(call);
    if (name !== "disconnect") this.#running.set(id, running);
  }

  async #carryOut(call: CallMessage): Promise<void> {
    const [id] = call;
    let result: CallResult;
    try {
      result = await this.#delegate(call);
    } catch (error) {
      result = { kind: "error", error: pack(error) };
    }
    this.#cancels.delete(id);
    this.#running.delete(id);
    this.#postResult(id, result);
  }

  #postResult(id: number, result: CallResult): void {
    try {
      this.#channel.post([id, result]);
    } catch (error) {
      // It holds what cannot cross; the caller waits for something.
      this.#channel.post([id, { kind: "error", error: pack(error) }]);
    }
  }

  /** Logs what was rejected and nobody had waited for: a fault of the library, which serves on. */
  reportRejection(reason: unknown): void {
    this.#logger?.error({ error: reason }, "a rejection was not handled in the worker");
  }

  /**
   * The options of a call, with a signal where the caller has one: whatever the user gave, since they are checked
   * here and nowhere else.
   */
  #optionsOf([id, _name, isCancellable, options]: CallMessage): object {
    if (!isCancellable) return options as object;
    const abort = new AbortController();
    this.#cancels.set(id, abort);
    return { ...(options as object), signal: abort.signal };
  }

  /** What each call takes was put there by the façade; what is wrong with it, the core tells. */
  async #delegate(call: CallMessage): Promise<CallResult> {
    const { publisher, subscriber } = this.#session;
    const options = this.#optionsOf(call);
    const [, name, , , ...args] = call;
    const [first, second] = args as [string, string];
    switch (name) {
      case "connect":
        await this.#session.connect(options);
        return NOTHING;
      case "disconnect":
        await this.#session.disconnect(options);
        // It has ended all others; their results are to be there before the thread goes.
        await Promise.all(this.#running.values());
        return this.#snapshot();
      case "request":
        return this.#request(options as RequestOptions, first);
      case "requestMany":
        this.#iterators.set(first, this.#askMany(options as CrossingPlan));
        return NOTHING;
      case "publish":
        await publisher.publish(first, parseJson(second) as object, options);
        return NOTHING;
      case "respond": {
        const { header, body, headerFields } = this.#crossing.read(second) as CrossingAnswer;
        const request = { header, body: null, timestamp: 0 };
        await publisher.respond(first, request, { ...options, body, header: headerFields });
        return NOTHING;
      }
      case "subscribe":
        await subscriber.subscribe(first, options);
        return this.#snapshot();
      case "unsubscribe":
        await subscriber.unsubscribe(first, options);
        return this.#snapshot();
      case "statistics":
        return this.#snapshot();
      case "presence":
        this.#iterators.set(first, this.#session.presence.watch(options));
        return NOTHING;
      case "next":
        return { kind: "value", value: await this.#iterators.get(first)?.next() };
      case "return":
        await this.#iterators.get(first)?.return?.();
        this.#iterators.delete(first);
        return NOTHING;
    }
  }

  #askMany(plan: CrossingPlan): AsyncIterator<unknown, undefined> {
    const ports = { runner: this.#runner, crossing: this.#crossing };
    return crossingAnswers(this.#session.groupRequester, ports, plan);
  }

  async #request(options: RequestOptions, crossed: unknown): Promise<CallResult> {
    const { body } = this.#crossing.read(crossed) as { readonly body?: unknown };
    const isGiven = isJsonObject(options);
    const response = await this.#session.requester.send(isGiven ? { ...options, body } : options);
    const reference = this.#runner.referenceOf(response);
    if (reference !== undefined) return { kind: "reference", id: reference };
    const passed = this.#crossing.pass(response);
    return typeof passed === "string" ? passed : { kind: "value", value: passed };
  }

  #snapshot(): CallResult {
    const { statistics, subscriber } = this.#session;
    const snapshot: Snapshot = { statistics, subscriptions: subscriber.subscriptions };
    return { kind: "value", value: snapshot };
  }
}
