import type { RequestOptions } from "../client/calls.ts";
import { ClientCore } from "../client/client-core.ts";
import { readSettings } from "../client/settings.ts";
import { parseJson } from "../protocol/json-decode.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import type {
  Answer,
  Ask,
  Beginning,
  CallArguments,
  CallName,
  CallResult,
  CrossingCredentials,
  HandlerPresence,
  Luggage,
  ToCaller,
  ToWorker,
} from "./messages.ts";
import { KeptError, pack, unpack } from "./portable.ts";
import { createRemoteLogger } from "./remote-logger.ts";
import { RemoteRunner } from "./remote-runner.ts";
import type { SharedCells } from "./shared-cells.ts";

/** How the worker reaches the caller's thread. */
export interface WorkerChannel {
  readonly cells: SharedCells;
  readonly post: (message: ToCaller) => void;
}

/** What only the caller's thread keeps is not found here. */
const findNothing = (): undefined => undefined;

const argumentsOf = (args: CallArguments): readonly unknown[] =>
  args.isPacked ? args.values.map((value) => unpack(value, findNothing)) : args.values;

/** The client in the worker: does what it is told, and asks for what only the caller's thread can do. */
export class WorkerClient {
  readonly #channel: WorkerChannel;
  readonly #core: ClientCore;
  readonly #runner: RemoteRunner;
  readonly #cancels = new Map<number, AbortController>();
  readonly #asked = new Map<number, (answer: Answer) => void>();
  /** The calls under way. */
  readonly #running = new Set<Promise<void>>();
  #asks = 0;

  constructor(beginning: Beginning, channel: WorkerChannel) {
    const { options, credentials, isLogging, handlers, counters, subscriptions } = beginning;
    const { cells, post } = channel;
    this.#channel = channel;
    this.#runner = new RemoteRunner(handlers, (ask) => this.#ask(ask));
    const settings = readSettings({
      ...options,
      logger: isLogging ? createRemoteLogger(cells, post) : undefined,
    });
    this.#core = new ClientCore({
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
    this.#core.setCredentials(username, isAsked ? () => this.#askForPassword() : password);
  }

  async #askForPassword(): Promise<string> {
    const answer = await this.#ask({ kind: "password" });
    if (answer.kind === "text") return answer.text;
    throw answer.kind === "threw"
      ? new KeptError(answer.thrown)
      : new Error("no password was given");
  }

  /** Takes a message of the caller's thread. */
  take(message: ToWorker): void {
    switch (message.type) {
      case "call":
        this.#start(message.id, message.name, argumentsOf(message.args));
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
        this.#core.noteHandlerError();
        return;
      case "credentials":
        this.#setCredentials(message.credentials);
    }
  }

  #start(id: number, name: CallName, args: readonly unknown[]): void {
    const running = this.#carryOut(id, name, args);
    if (name === "disconnect") return;
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  async #carryOut(id: number, name: CallName, args: readonly unknown[]): Promise<void> {
    let result: CallResult;
    try {
      result = await this.#call(id, name, args);
    } catch (error) {
      result = { kind: "error", error: pack(error) };
    }
    this.#cancels.delete(id);
    this.#channel.post({ type: "result", id, result });
  }

  /** The options of a call, with a signal where the caller has one. */
  #optionsOf(id: number, options: unknown, isCancellable: unknown): object {
    // The façade on the caller's thread gives nothing but objects.
    const given = options as object;
    if (isCancellable !== true) return given;
    const abort = new AbortController();
    this.#cancels.set(id, abort);
    return { ...given, signal: abort.signal };
  }

  async #call(
    id: number,
    name: CallName,
    [options, isCancellable, ...args]: readonly unknown[],
  ): Promise<CallResult> {
    const value = await this.#delegate(name, this.#optionsOf(id, options, isCancellable), args);
    return value ?? { kind: "value", value: undefined };
  }

  /** What each call takes was put there by the façade; what is wrong with it, the core tells. */
  async #delegate(
    name: CallName,
    options: object,
    args: readonly unknown[],
  ): Promise<CallResult | undefined> {
    const core = this.#core;
    const [first, second] = args as [string, string];
    switch (name) {
      case "connect":
        await core.connect(options);
        return undefined;
      case "disconnect":
        await core.disconnect();
        // It has ended all others; their results are to be there before the thread goes.
        await Promise.all(this.#running);
        return this.#luggage();
      case "request":
        return this.#request(options as RequestOptions, first);
      case "publish":
        await core.publish(first, parseJson(second) as object, options);
        return undefined;
      case "respond": {
        const { header, body } = parseJson(second) as RequestPayload;
        const request = { header, body: null, timestamp: 0 };
        await core.respond(first, request, { ...options, body });
        return undefined;
      }
      case "subscribe":
        await core.subscribe(first, options);
        return undefined;
      case "unsubscribe":
        await core.unsubscribe(first, options);
        return undefined;
      case "handlers":
        this.#runner.setHandlers(options as HandlerPresence);
        return undefined;
      case "statistics":
        return this.#luggage();
    }
  }

  async #request(options: RequestOptions, text: string): Promise<CallResult> {
    const { body } = parseJson(text) as { readonly body?: unknown };
    const response = await this.#core.request({ ...options, body });
    const kept = this.#runner.keptOf(response);
    return kept === undefined
      ? { kind: "text", text: JSON.stringify(response) }
      : { kind: "kept", id: kept };
  }

  #luggage(): CallResult {
    const { statistics, userSubscriptions: subscriptions } = this.#core;
    const luggage: Luggage = { statistics, subscriptions };
    return { kind: "value", value: luggage };
  }
}
