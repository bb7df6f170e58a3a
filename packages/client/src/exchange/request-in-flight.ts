import type { Delivery, ResponseExceptionFields } from "../errors/response-exception.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { DeadlineWatch, throwIfReached } from "../runtime/deadline.ts";
import type { Deadline } from "../runtime/deadline.ts";
import type { QoS } from "../transport/transport.ts";
import type { DeviceAddress, Route } from "./response-routing.ts";

/** One request, ready to be sent. */
export interface Call extends DeviceAddress {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  /** The identifier of this client. */
  readonly source: string;
  /** The request payload, as JSON or in the format of `contentType`. */
  readonly payload: string | Uint8Array;
  /** Undefined: JSON. */
  readonly contentType?: string | undefined;
  readonly qos: QoS;
  readonly deadline: RequestDeadline;
}

/** The deadline of a request; the error that it ends in tells how far the request came. */
export interface RequestDeadline extends Deadline {
  delivery: Delivery;
}

/** What an error about a call says of it. */
export const errorFieldsOf = (call: Call): ResponseExceptionFields => {
  const { path, source, target, requestId, method } = call;
  return { path, source, target, requestId, method };
};

/** How a request ends, told to whoever keeps it. */
export type OnEnd = (request: RequestInFlight) => void;

/**
 * A request between being sent and being settled. It ends once: by its response, its deadline, its
 * signal, or whoever fails it.
 */
export class RequestInFlight {
  readonly call: Call;
  readonly route: Route;
  /** A response has taken it and is on its way through the handlers. */
  isClaimed = false;
  readonly #onEnd: OnEnd;
  readonly #watch: DeadlineWatch;
  #resolve: ((response: ResponsePayload) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  /** @throws what the call's deadline says, when it is reached already. */
  constructor(call: Call, route: Route, onEnd: OnEnd) {
    throwIfReached(call.deadline);
    this.call = call;
    this.route = route;
    this.#onEnd = onEnd;
    this.#watch = new DeadlineWatch(call.deadline, this);
  }

  /** The promise of the response. To be asked for once. */
  settled(): Promise<ResponsePayload> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  succeed(response: ResponsePayload): void {
    const resolve = this.#resolve;
    this.#end();
    resolve?.(response);
  }

  fail(error: unknown): void {
    const reject = this.#reject;
    this.#end();
    reject?.(error);
  }

  #end(): void {
    if (this.#resolve === undefined) return;
    this.#resolve = undefined;
    this.#reject = undefined;
    this.#watch.stop();
    this.#onEnd(this);
  }
}
