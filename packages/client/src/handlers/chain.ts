import { PayloadValidationError } from "../errors/input-errors.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { Payload } from "../protocol/payload.ts";
import type {
  AnyHandlerResult,
  Arrival,
  HandlerResult,
  MessageHandlerOf,
} from "./message-handler.ts";

/** One message on its way along the chain. */
export interface ChainRun<Client, Message extends Payload> {
  readonly client: Client;
  readonly topic: string;
  readonly payload: Message;
  /** Of a request that has arrived. */
  readonly arrival?: Arrival | undefined;
  /** Called before each handler that wants the message; may throw. */
  readonly beforeHandler?: (handler: MessageHandlerOf<Client>, payload: Message) => void;
  /** Called with what a handler threw: throws to end the chain, returns to go on with the next handler. */
  readonly onError: (error: unknown, handler: MessageHandlerOf<Client>) => void;
}

/** How the chain ended. */
export interface ChainOutcome<Message extends Payload> {
  readonly payload: Message;
  /** A handler with `propagate: false` took the message. */
  readonly stopped: boolean;
  /** At least one handler wanted the message. */
  readonly handled: boolean;
}

/** A chain that stops at what each handler gives back, for {@link runAsync} to wait or {@link runSync} not to. */
export type Walk<Outcome> = Generator<AnyHandlerResult, Outcome, HandlerResult>;

/** The `onError` of a chain that the first error ends. */
export const rethrow = (error: unknown): void => {
  throw error;
};

const refused = (what: string): PayloadValidationError => {
  const message = `expected a payload object or nothing, got ${what}`;
  return new PayloadValidationError("handler result", [{ path: "", message }]);
};

const isIterator = (result: object): boolean =>
  "next" in result && typeof result.next === "function";

/** A handler replaces a message by one of the same kind; its type says so, but JavaScript callers have none. */
const replacement = <Message extends Payload>(result: unknown, current: Message): Message => {
  if (result === undefined || result === null) return current;
  if (typeof result !== "object") throw refused(typeof result);
  if (Array.isArray(result)) throw refused("an array");
  if (isIterator(result)) {
    throw refused("an iterator: nobody runs it; a handler is a plain or async function, without *");
  }
  // The object is what the handler wants its successors and the caller to get, checked to be an object above.
  return result as Message;
};

/**
 * What was thrown, where it can be looked at; otherwise an error in its place. A revoked proxy or a getter that
 * throws would throw again wherever somebody tells of it.
 */
const readable = (thrown: unknown): unknown => {
  try {
    if (thrown instanceof Error) void [thrown.name, thrown.message, thrown.stack, thrown.cause];
    if (thrown instanceof ResponseException) void [thrown.responseCode, thrown.detail];
    return thrown;
  } catch {
    return new Error("a message handler threw something that cannot be read");
  }
};

/**
 * Takes a message through the handlers in order. The list is the one of the moment the message arrived;
 * changing a client's handlers makes a new list and so affects later messages only.
 */
export function* walkChain<Client, Message extends Payload>(
  handlers: readonly MessageHandlerOf<Client>[],
  chain: ChainRun<Client, Message>,
): Walk<ChainOutcome<Message>> {
  const { client, topic } = chain;
  const known: [] | [Arrival] = chain.arrival === undefined ? [] : [chain.arrival];
  let { payload } = chain;
  let handled = false;
  for (const handler of handlers) {
    try {
      if (!handler.canHandle(client, topic, payload)) continue;
      handled = true;
      chain.beforeHandler?.(handler, payload);
      payload = replacement(yield handler.handle(client, topic, payload, ...known), payload);
      if (!handler.propagate) return { payload, stopped: true, handled };
    } catch (error) {
      chain.onError(readable(error), handler);
    }
  }
  return { payload, stopped: false, handled };
}

/** Steps that stop at what may be a promise, and go on with what it came to. */
export type StepsOf<Given, Outcome> = Generator<Given | PromiseLike<Given>, Outcome, Given>;

/** Whether a handler gave something to be waited for. */
export const isThenable = <Given>(
  result: Given | PromiseLike<Given>,
): result is PromiseLike<Given> =>
  typeof result === "object" &&
  result !== null &&
  "then" in result &&
  typeof result.then === "function";

/** Takes steps to their end, waiting wherever there is a promise. */
export const runAsync = async <Given, Outcome>(
  steps: StepsOf<Given, Outcome>,
  first: IteratorResult<Given | PromiseLike<Given>, Outcome> = steps.next(),
): Promise<Outcome> => {
  let step = first;
  while (step.done !== true) {
    const result = step.value;
    try {
      step = isThenable(result) ? steps.next(await result) : steps.next(result);
    } catch (error) {
      step = steps.throw(error);
    }
  }
  return step.value;
};

/** The same, and at once where nothing has to be waited for. */
export const runEagerly = <Given, Outcome>(
  steps: StepsOf<Given, Outcome>,
): Outcome | Promise<Outcome> => {
  let step = steps.next();
  while (step.done !== true) {
    const result = step.value;
    if (isThenable(result)) return runAsync(steps, step);
    step = steps.next(result);
  }
  return step.value;
};

const refusePromise = (promise: PromiseLike<unknown>): PayloadValidationError => {
  // It is refused, whatever it comes to.
  promise.then(undefined, () => undefined);
  return refused(
    "a promise; handlers of a SyncMQTTClient are plain functions: leave out async and await, its calls block, or use MQTTClient",
  );
};

/** Takes steps to their end at once. A handler that gives back a promise is one that threw: nobody here can wait for it. */
export const runSync = <Given, Outcome>(steps: StepsOf<Given, Outcome>): Outcome => {
  let step = steps.next();
  while (step.done !== true) {
    const result = step.value;
    try {
      step = isThenable(result) ? steps.throw(refusePromise(result)) : steps.next(result);
    } catch (error) {
      step = steps.throw(error);
    }
  }
  return step.value;
};
