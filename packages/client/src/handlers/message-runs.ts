import { isJsonObject } from "../json/json-object.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { isSuccess } from "../errors/response-code.ts";
import type { ResponseContext } from "../protocol/response-error.ts";
import { responseExceptionFrom } from "../protocol/response-error.ts";
import { rethrow, walkChain } from "./chain.ts";
import type { Steps } from "./drive.ts";
import type { MessageHandlerOf } from "./message-handler.ts";

/** What the handlers of one message have in common. */
export interface RunScene<Client> {
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
export function* responseSteps<Client>(
  { client, topic, handlers, onHandlerError }: RunScene<Client>,
  response: ResponsePayload,
  context: ResponseContext,
): Steps<ResponsePayload> {
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

/** A request to this client: whether a handler wanted it. What one throws is to be answered. */
export function* requestSteps<Client>(
  { client, topic, handlers }: RunScene<Client>,
  payload: RequestPayload,
): Steps<boolean> {
  const outcome = yield* walkChain(handlers, { client, topic, payload, onError: rethrow });
  return outcome.handled;
}

/** A message that nobody waits for. */
export function* generalSteps<Client>(
  { client, topic, handlers, onHandlerError }: RunScene<Client>,
  payload: Payload,
): Steps<void> {
  const onError = (error: unknown): void => {
    onHandlerError(topic, error);
  };
  yield* walkChain(handlers, { client, topic, payload, onError });
}

/** A request of ours before it is sent: what the handlers made of it. */
export function* outgoingSteps<Client>(
  { client, topic, handlers }: RunScene<Client>,
  request: RequestPayload,
): Steps<Payload> {
  const outcome = yield* walkChain<Client, Payload>(handlers, {
    client,
    topic,
    payload: request,
    onError: rethrow,
  });
  return outcome.payload;
}
