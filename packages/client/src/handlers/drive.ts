import { PayloadValidationError } from "../errors/input-errors.ts";
import type { AnyHandlerResult, HandlerResult } from "./message-handler.ts";

/** Code that stops at what each handler gives back, and goes on with what that came to. */
export type Steps<Outcome> = Generator<AnyHandlerResult, Outcome, HandlerResult>;

const isThenable = (result: AnyHandlerResult): result is PromiseLike<HandlerResult> =>
  typeof result === "object" &&
  result !== null &&
  "then" in result &&
  typeof result.then === "function";

/** Runs the steps to their end, waiting wherever a handler is asynchronous. */
export const drive = async <Outcome>(steps: Steps<Outcome>): Promise<Outcome> => {
  let step = steps.next();
  while (step.done !== true) {
    const result = step.value;
    if (!isThenable(result)) {
      step = steps.next(result);
      continue;
    }
    try {
      step = steps.next(await result);
    } catch (error) {
      step = steps.throw(error);
    }
  }
  return step.value;
};

/**
 * Runs the steps to their end at once. A handler that gives back a promise is one that threw: nobody here can
 * wait for it.
 */
export const driveSync = <Outcome>(steps: Steps<Outcome>): Outcome => {
  let step = steps.next();
  while (step.done !== true) {
    const result = step.value;
    step = isThenable(result) ? steps.throw(promiseRefused(result)) : steps.next(result);
  }
  return step.value;
};

const promiseRefused = (promise: PromiseLike<unknown>): PayloadValidationError => {
  // What becomes of it is nobody's business any more.
  promise.then(undefined, () => undefined);
  const message =
    "expected a payload object or nothing, got a promise; handlers of a blocking client are plain functions, not async";
  return new PayloadValidationError("handler result", [{ path: "", message }]);
};
