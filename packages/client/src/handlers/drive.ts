import type { HandlerResult } from "./message-handler.ts";

/** What a handler gives back, before anybody has waited for it. */
export type PendingResult = HandlerResult | PromiseLike<HandlerResult>;

/** Code that stops at what each handler gives back, and goes on with what that came to. */
export type Steps<Outcome> = Generator<PendingResult, Outcome, HandlerResult>;

const isThenable = (result: PendingResult): result is PromiseLike<HandlerResult> =>
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
