import { OptionError, PayloadValidationError } from "../errors/input-errors.ts";
import { isSuccess } from "../errors/response-code.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { isJsonObject } from "../json/object.ts";
import { payloadKind } from "../protocol/payload-kind.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import type { ResponseContext } from "../protocol/response-error.ts";
import { responseExceptionFrom } from "../protocol/response-error.ts";
import type { Walk } from "./chain.ts";
import { rethrow, runAsync, walkChain } from "./chain.ts";
import type { Arrival, MessageHandlerOf } from "./message-handler.ts";

const isMessageHandler = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "canHandle" in value &&
  typeof value.canHandle === "function" &&
  "handle" in value &&
  typeof value.handle === "function" &&
  "propagate" in value &&
  typeof value.propagate === "boolean";

/**
 * The handlers of a client in the order they were added. The lists are replaced, never changed: a
 * message on its way keeps the ones it started with.
 */
export class HandlerList<Client> {
  #all: readonly MessageHandlerOf<Client>[] = [];
  #incoming: readonly MessageHandlerOf<Client>[] = [];
  #outgoing: readonly MessageHandlerOf<Client>[] = [];

  /** Those for messages that arrive. */
  get incoming(): readonly MessageHandlerOf<Client>[] {
    return this.#incoming;
  }

  /** Those for requests about to be sent. */
  get outgoing(): readonly MessageHandlerOf<Client>[] {
    return this.#outgoing;
  }

  /** @throws {OptionError} it lacks a method of a handler. */
  add(handler: MessageHandlerOf<Client>): void {
    if (!isMessageHandler(handler)) {
      const expected = "an object with canHandle(), handle() and propagate (true or false)";
      throw new OptionError("handler", handler, expected);
    }
    this.#replace([...this.#all, handler]);
  }

  /** Removes one addition of this very object; false when it is not there. */
  remove(handler: MessageHandlerOf<Client>): boolean {
    const at = this.#all.indexOf(handler);
    if (at === -1) return false;
    this.#replace(this.#all.toSpliced(at, 1));
    return true;
  }

  #replace(all: readonly MessageHandlerOf<Client>[]): void {
    // Read before anything is changed: a getter may throw.
    const incoming = all.filter(({ direction }) => direction !== "outgoing");
    this.#outgoing = all.filter(({ direction }) => direction === "outgoing");
    this.#incoming = incoming;
    this.#all = all;
  }
}

/** What the handlers of one message have in common. */
export interface ChainContext<Client> {
  readonly client: Client;
  readonly topic: string;
  readonly handlers: readonly MessageHandlerOf<Client>[];
  /** Told of an error that reaches no caller. */
  readonly onHandlerError: (topic: string, error: unknown) => void;
}

/** The error code of a response; undefined for a success, or where a handler put something else in its place. */
const errorCodeOf = (payload: ResponsePayload): number | undefined => {
  const header: unknown = payload.header;
  const code = isJsonObject(header) ? header["response_code"] : undefined;
  return typeof code === "number" && !isSuccess(code) ? code : undefined;
};

/** Throws the exception that a response with an error code stands for. */
export const raiseErrorCode = (payload: ResponsePayload, context: ResponseContext): void => {
  if (errorCodeOf(payload) !== undefined) throw responseExceptionFrom(payload, context);
};

/** A response to a request of ours: what comes out, or is thrown, is for the caller of `request()`. */
export function* responseChain<Client>(
  { client, topic, handlers, onHandlerError }: ChainContext<Client>,
  response: ResponsePayload,
  context: ResponseContext,
): Walk<ResponsePayload> {
  const outcome = yield* walkChain(handlers, {
    client,
    topic,
    payload: response,
    beforeHandler: ({ raiseExceptions }, payload) => {
      if (raiseExceptions === true) raiseErrorCode(payload, context);
    },
    onError: (error, { raiseExceptions }) => {
      if (raiseExceptions === true) throw error;
      onHandlerError(topic, error);
    },
  });
  // The handler at the end of every chain.
  if (!outcome.stopped) raiseErrorCode(outcome.payload, context);
  return outcome.payload;
}

const RETURNED = [
  {
    path: "",
    message: "it is not sent as the answer; call client.respond(), or use a ResourceRouter",
  },
];

/** A request to this client: whether a handler wanted it. What one throws is to be answered. */
export function* requestChain<Client>(
  { client, topic, handlers, onHandlerError }: ChainContext<Client>,
  payload: RequestPayload,
  arrival?: Arrival,
): Walk<boolean> {
  const run = { client, topic, payload, arrival, onError: rethrow };
  const outcome = yield* walkChain(handlers, run);
  // Without types, whoever knows other libraries returns the answer, which then goes nowhere.
  if (outcome.payload !== payload && payloadKind(outcome.payload) !== "request") {
    onHandlerError(topic, new PayloadValidationError("result of a request handler", RETURNED));
  }
  return outcome.handled;
}

/** A message that nobody waits for. */
export function* generalChain<Client>(
  { client, topic, handlers, onHandlerError }: ChainContext<Client>,
  payload: Payload,
): Walk<void> {
  const onError = (error: unknown): void => {
    onHandlerError(topic, error);
  };
  yield* walkChain(handlers, { client, topic, payload, onError });
}

/** A request of ours before it is sent: what the handlers made of it. */
export function* outgoingChain<Client>(
  { client, topic, handlers }: ChainContext<Client>,
  request: RequestPayload,
): Walk<Payload> {
  const outcome = yield* walkChain<Client, Payload>(handlers, {
    client,
    topic,
    payload: request,
    onError: rethrow,
  });
  return outcome.payload;
}

/** Takes messages through the handlers, wherever these run. */
export interface MessageRunner {
  /** Whether there are handlers for messages that arrive. */
  readonly hasIncoming: boolean;
  /** Whether there are handlers for requests about to be sent. */
  readonly hasOutgoing: boolean;
  /** Resolves with, or rejects with, what the caller of `request()` gets. */
  runResponse(
    topic: string,
    response: ResponsePayload,
    context: ResponseContext,
  ): Promise<ResponsePayload>;
  /** Resolves with whether a handler wanted the request; rejects with what is to be answered. */
  runRequest(topic: string, request: RequestPayload, arrival?: Arrival): Promise<boolean>;
  /** Never rejects. */
  runGeneral(topic: string, payload: Payload): Promise<void>;
  /** Resolves with what the handlers made of the request; rejects with what one threw. */
  runOutgoing(topic: string, request: RequestPayload): Promise<Payload>;
}

/** What a {@link HandlerListRunner} works with. */
export interface HandlerListRunnerOptions<Client> extends Pick<
  ChainContext<Client>,
  "client" | "onHandlerError"
> {
  readonly handlers: HandlerList<Client>;
}

/** Runs the handlers of a list, here. */
export class HandlerListRunner<Client> implements MessageRunner {
  readonly #options: HandlerListRunnerOptions<Client>;

  constructor(options: HandlerListRunnerOptions<Client>) {
    this.#options = options;
  }

  get hasIncoming(): boolean {
    return this.#options.handlers.incoming.length > 0;
  }

  get hasOutgoing(): boolean {
    return this.#options.handlers.outgoing.length > 0;
  }

  #chain(topic: string, handlers: readonly MessageHandlerOf<Client>[]): ChainContext<Client> {
    const { client, onHandlerError } = this.#options;
    return { client, topic, handlers, onHandlerError };
  }

  runResponse(
    topic: string,
    response: ResponsePayload,
    context: ResponseContext,
  ): Promise<ResponsePayload> {
    const chain = this.#chain(topic, this.#options.handlers.incoming);
    return runAsync(responseChain(chain, response, context));
  }

  runRequest(topic: string, request: RequestPayload, arrival?: Arrival): Promise<boolean> {
    const chain = this.#chain(topic, this.#options.handlers.incoming);
    return runAsync(requestChain(chain, request, arrival));
  }

  runGeneral(topic: string, payload: Payload): Promise<void> {
    return runAsync(generalChain(this.#chain(topic, this.#options.handlers.incoming), payload));
  }

  runOutgoing(topic: string, request: RequestPayload): Promise<Payload> {
    return runAsync(outgoingChain(this.#chain(topic, this.#options.handlers.outgoing), request));
  }
}
