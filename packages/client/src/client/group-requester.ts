import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { GroupExchange } from "../exchange/group-exchange.ts";
import { ClientClosedError, NotConnectedError } from "../errors/connection-errors.ts";
import { GatewayTimeoutResponse } from "../errors/error-responses.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { AsyncQueue } from "../runtime/async-queue.ts";
import { DeadlineWatch, remainingMs } from "../runtime/deadline.ts";
import { WaitSet } from "../runtime/wait-set.ts";
import { checkBody, readSchema } from "./options/body-schema.ts";
import { callDeadline } from "./options/call-options.ts";
import { failedAnswer } from "./options/group-options.ts";
import type { DeviceAnswer, ManyPlan } from "./options/group-options.ts";
import type { ClientSettings } from "./options/settings.ts";
import type { Requester } from "./requester.ts";
import type { Counters } from "./statistics.ts";

/** What asking many devices takes. */
export interface GroupRequesterOptions {
  readonly settings: ClientSettings;
  readonly counters: Pick<Counters, "overloaded">;
  readonly requester: Requester;
  readonly groups: GroupExchange<ResponsePayload>;
}

/** Ends as soon as one of two signals does; `stop()` lets go of the caller's. */
const linkedAbort = (
  signal: AbortSignal | undefined,
): { readonly abort: AbortController; readonly stop: () => void } => {
  const abort = new AbortController();
  const onAbort = (): void => {
    abort.abort(signal?.reason);
  };
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener("abort", onAbort);
  return { abort, stop: () => signal?.removeEventListener("abort", onAbort) };
};

/** An answer if the schema lets it pass, otherwise what is wrong with it. */
const checked = async (
  schema: StandardSchemaV1,
  source: string,
  response: ResponsePayload,
): Promise<DeviceAnswer> => {
  try {
    const body = await checkBody(schema, response.body, "response");
    return { source, response: { ...response, body } };
  } catch (error) {
    return failedAnswer(source, error);
  }
};

/** Asks many devices at once, and gives their answers as they come. */
export class GroupRequester {
  readonly #options: GroupRequesterOptions;
  readonly #waiting = new WaitSet<never>();

  constructor(options: GroupRequesterOptions) {
    this.#options = options;
  }

  /** See `MQTTClient.requestMany`. Nothing is sent before the first answer is asked for. */
  async *gather(plan: ManyPlan): AsyncGenerator<DeviceAnswer, void, undefined> {
    let left = plan.maxResponses;
    const answers =
      plan.group === undefined ? this.#askEach(plan) : this.#askGroup(plan, plan.group);
    for await (const answer of answers) {
      yield answer;
      left -= 1;
      if (left === 0) return;
    }
  }

  async *#askGroup(plan: ManyPlan, group: string): AsyncGenerator<DeviceAnswer, void, undefined> {
    const { groups, requester } = this.#options;
    const queue = new AsyncQueue<DeviceAnswer>(this.#options.settings.maxQueuedBytes);
    const schema = readSchema(plan.request.schema);
    const call = await requester.prepare({ ...plan.request, targetDeviceTag: group });
    const watch = new DeadlineWatch(call.deadline, {
      fail: (error) => {
        // Whoever wanted to has answered by then, if the request was sent at all.
        const { delivery, signal } = call.deadline;
        const isOver = delivery !== "not sent" && signal?.aborted !== true;
        queue.end(isOver ? undefined : { error });
        // Whoever has left the loop without a word may never come back for the end.
        groups.end(call.requestId);
      },
    });
    const forget = this.#waiting.add({
      resolve: () => undefined,
      reject: (error) => {
        queue.end({ error });
      },
    });
    const receive = (source: string, bytes: number) => {
      const push = (answer: DeviceAnswer): void => {
        if (!queue.push(answer, bytes)) this.#tellDropped(source);
      };
      return {
        succeed: (response: ResponsePayload): void => {
          if (schema === undefined) push({ source, response });
          else void checked(schema, source, response).then(push);
        },
        fail: (error: unknown): void => {
          push(failedAnswer(source, error));
        },
      };
    };
    groups.send({ call, receive }).then(
      (isHeard) => {
        if (!isHeard) queue.end();
      },
      (error: unknown) => {
        queue.end({ error });
      },
    );
    try {
      yield* queue;
    } finally {
      watch.stop();
      forget();
      groups.end(call.requestId);
    }
  }

  #tellDropped(source: string): void {
    const { counters, settings } = this.#options;
    counters.overloaded += 1;
    settings.logger?.warn({ source }, "dropped an answer: too many wait to be taken");
  }

  async *#askEach(plan: ManyPlan): AsyncGenerator<DeviceAnswer, void, undefined> {
    const { settings, requester } = this.#options;
    const { targets, maxConcurrent, request } = plan;
    const deadline = callDeadline(settings, request, () => new Error("the time of all is over"));
    const { abort, stop } = linkedAbort(request.signal);
    const queue = new AsyncQueue<DeviceAnswer>();
    const remaining = targets.values();
    const askOne = async (source: string): Promise<void> => {
      const leftMs = remainingMs(deadline);
      if (leftMs === 0) {
        queue.push({ source, error: this.#notAsked(source, request) });
        return;
      }
      const timeoutMs = Math.ceil(leftMs);
      const options = { ...request, targetDeviceTag: source, timeoutMs, signal: abort.signal };
      try {
        queue.push({ source, response: await requester.send(options) });
      } catch (error) {
        if (error instanceof NotConnectedError || abort.signal.aborted) throw error;
        queue.push(failedAnswer(source, error));
      }
    };
    const askOn = async (): Promise<void> => {
      for (const source of remaining) await askOne(source);
    };
    const workers = Array.from({ length: Math.min(maxConcurrent, targets.length) }, askOn);
    Promise.all(workers).then(
      () => {
        queue.end();
      },
      (error: unknown) => {
        queue.end({ error });
      },
    );
    try {
      yield* queue;
    } finally {
      stop();
      abort.abort(new ClientClosedError("get a response", settings.broker));
    }
  }

  /** The error of a device that was not asked any more. */
  #notAsked(target: string, { path, method }: ManyPlan["request"]): Error {
    const detail = "the time was over before this device was asked: nothing was sent";
    const hint = "raise timeoutMs or maxConcurrent";
    const { identifier: source } = this.#options.settings;
    const asked = { path, source, target, method: method === undefined ? "GET" : String(method) };
    return new GatewayTimeoutResponse(detail, { ...asked, delivery: "not sent", hint });
  }

  /** Ends everything, because the client has closed. */
  rejectAll(error: () => Error): void {
    this.#waiting.rejectAll(error);
  }
}
