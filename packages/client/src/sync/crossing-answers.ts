import { checkBodySync } from "../client/options/body-schema.ts";
import type { GroupRequester } from "../client/group-requester.ts";
import { failedAnswer } from "../client/options/group-options.ts";
import type { DeviceAnswer, ManyPlan } from "../client/options/group-options.ts";
import { DURATION_MS, wholeNumber } from "../options/checks.ts";
import type { BlockingCall } from "./blocking-call.ts";
import type { Crossed, CrossingFormat } from "./crossing-format.ts";
import type { RemoteRunner } from "./remote-runner.ts";
import type { Serialized } from "./serialized.ts";
import { pack } from "./serialized.ts";

/** The answer of a device as it crosses: a response, or the number under which what handlers made of it is kept. */
export type CrossingDeviceAnswer =
  | { readonly source: string; readonly response: Crossed | number }
  | { readonly source: string; readonly error: Serialized };

/** What is asked of many devices, as it crosses. Signal and schema stay with the caller. */
export interface CrossingPlan {
  readonly plan: ManyPlan;
  /** The body. */
  readonly payload: Crossed;
}

/** What the worker's side of it takes. */
interface AskingWorker {
  readonly runner: Pick<RemoteRunner, "referenceOf">;
  readonly crossing: CrossingFormat;
}

/** Asks many devices from the worker. */
export const crossingAnswers = (
  requester: GroupRequester,
  { runner, crossing }: AskingWorker,
  { plan, payload }: CrossingPlan,
): AsyncIterator<CrossingDeviceAnswer, undefined> => {
  const { body } = crossing.read(payload) as { readonly body?: unknown };
  const abort = new AbortController();
  const request = { ...plan.request, body, signal: abort.signal };
  const answers = requester.gather({ ...plan, request });
  return {
    next: async () => {
      const step = await answers.next();
      if (step.done === true) return { done: true, value: undefined };
      const { source, response, error } = step.value;
      if (response === undefined) return { value: { source, error: pack(error) } };
      return {
        value: { source, response: runner.referenceOf(response) ?? crossing.pass(response) },
      };
    },
    return: async () => {
      // Whoever still waits for the next one does not any more.
      abort.abort();
      await answers.return();
      return { done: true, value: undefined };
    },
  };
};

/** What the caller's side of it takes. */
interface AskingSession {
  readonly crossing: CrossingFormat;
  iterate<T>(call: Omit<BlockingCall, "args">): Iterable<T>;
  unwrapAnswer(answer: CrossingDeviceAnswer): DeviceAnswer;
}

const checked = (answer: DeviceAnswer, schema: ManyPlan["request"]["schema"]): DeviceAnswer => {
  const { source, response } = answer;
  if (schema === undefined || response === undefined) return answer;
  try {
    const body = checkBodySync(schema, response.body, "response");
    return { source, response: { ...response, body } };
  } catch (error) {
    return failedAnswer(source, error);
  }
};

/**
 * Asks many devices from the thread that waits for them.
 *
 * @throws {OptionError} `timeoutMs` has a value that it cannot have.
 * @throws {PayloadValidationError} JSON would spoil the body.
 */
export const askMany = (
  session: AskingSession,
  plan: ManyPlan,
  defaultTimeoutMs: number,
): IterableIterator<DeviceAnswer> => {
  const { signal, schema, body, ...request } = plan.request;
  const timeoutMs = wholeNumber("timeoutMs", request.timeoutMs ?? defaultTimeoutMs, DURATION_MS);
  const payload = session.crossing.write({ body }, "request payload");
  const options: CrossingPlan = { plan: { ...plan, request }, payload };
  const wait = { operation: "request", timeoutMs, signal, isServing: true };
  const answers = session.iterate<CrossingDeviceAnswer>({ name: "requestMany", options, wait });
  return (function* () {
    for (const answer of answers) yield checked(session.unwrapAnswer(answer), schema);
  })();
};
