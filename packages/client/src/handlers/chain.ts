import { PayloadValidationError } from "../errors/input-errors.ts";
import type { Payload } from "../protocol/payload.ts";
import type { Steps } from "./drive.ts";
import { drive } from "./drive.ts";
import type { MessageHandlerOf } from "./message-handler.ts";

/** One message on its way along the chain. */
export interface ChainRun<Client, Message extends Payload> {
  readonly client: Client;
  readonly topic: string;
  readonly payload: Message;
  /** Called before each handler that wants the message; may throw. */
  readonly beforeHandler?: (handler: MessageHandlerOf<Client>, payload: Message) => void;
  /** Called with what a handler threw: throws to end the chain, returns to go on with the next handler. */
  readonly onError: (error: unknown, handler: MessageHandlerOf<Client>) => void;
}

/** The `onError` of a chain that the first error ends. */
export const rethrow = (error: unknown): void => {
  throw error;
};

/** How the chain ended. */
export interface ChainOutcome<Message extends Payload> {
  readonly payload: Message;
  /** A handler with `propagate: false` took the message. */
  readonly stopped: boolean;
  /** At least one handler wanted the message. */
  readonly handled: boolean;
}

/** A handler replaces a message by one of the same kind; its type says so, but JavaScript callers have none. */
const replacement = <Message extends Payload>(result: unknown, current: Message): Message => {
  if (result === undefined || result === null) return current;
  if (typeof result !== "object" || Array.isArray(result)) {
    const message = `expected a payload object or nothing, got ${typeof result}`;
    throw new PayloadValidationError("handler result", [{ path: "", message }]);
  }
  // The object is what the handler wants its successors and the caller to get, checked to be an object above.
  return result as Message;
};

/**
 * Takes a message through the handlers in order, stopping at what each of them gives back for whoever
 * drives it to wait, or not (drive.ts). The list is the one of the moment the message arrived; changing a
 * client's handlers makes a new list and so affects later messages only.
 */
export function* walkChain<Client, Message extends Payload>(
  handlers: readonly MessageHandlerOf<Client>[],
  run: ChainRun<Client, Message>,
): Steps<ChainOutcome<Message>> {
  const { client, topic } = run;
  let { payload } = run;
  let handled = false;
  for (const handler of handlers) {
    try {
      if (!handler.canHandle(client, topic, payload)) continue;
      handled = true;
      run.beforeHandler?.(handler, payload);
      payload = replacement(yield handler.handle(client, topic, payload), payload);
    } catch (error) {
      run.onError(error, handler);
      continue;
    }
    if (!handler.propagate) return { payload, stopped: true, handled };
  }
  return { payload, stopped: false, handled };
}

/** Takes a message through the handlers, waiting for those that are asynchronous. */
export const runChain = <Client, Message extends Payload>(
  handlers: readonly MessageHandlerOf<Client>[],
  run: ChainRun<Client, Message>,
): Promise<ChainOutcome<Message>> => drive(walkChain(handlers, run));
