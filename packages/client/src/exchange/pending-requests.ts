import type { ResponsePayload } from "../protocol/payload.ts";
import type { Settle } from "../runtime/wait.ts";
import type { DeviceAddress, Route } from "./response-routing.ts";

/** What a response says of the request that it answers. */
export interface Answer extends DeviceAddress {
  /** `request_id` of the response's header. */
  readonly requestId: string;
}

/** A request that waits for its response. */
export interface PendingRequest extends Answer {
  readonly method: string;
  readonly route: Route;
  readonly settle: Settle<ResponsePayload>;
}

/** Why a response settles nothing: answered before, answered too late, or not an answer to anything asked. */
export type UnwantedResponse = "duplicate" | "late" | "stranger";

/** How many ended requests are remembered, to tell late and repeated responses from strangers'. */
const REMEMBERED_REQUESTS = 1_024;

interface Entry {
  readonly request: PendingRequest;
  claimed: boolean;
}

/** Requests in flight, by the id in their header. */
export class PendingRequests {
  readonly #waiting = new Map<string, Entry>();
  /** Ended requests, oldest first, with what a further response to each would be. */
  readonly #ended = new Map<string, "duplicate" | "late">();

  get size(): number {
    return this.#waiting.size;
  }

  has(requestId: string): boolean {
    return this.#waiting.has(requestId);
  }

  /** All of them, those whose response is on its way through the handlers included. */
  all(): readonly PendingRequest[] {
    return Array.from(this.#waiting.values(), ({ request }) => request);
  }

  add(request: PendingRequest): void {
    this.#waiting.set(request.requestId, { request, claimed: false });
  }

  /**
   * The request that a response answers. Its first response takes it; subsystem and target must be the
   * ones asked, so that no other device can answer in its place.
   */
  claim(answer: Answer): PendingRequest | UnwantedResponse {
    const { requestId, subsystem, target } = answer;
    const entry = this.#waiting.get(requestId);
    if (entry === undefined) return this.#ended.get(requestId) ?? "stranger";
    const { request } = entry;
    if (request.subsystem !== subsystem || request.target !== target) return "stranger";
    if (entry.claimed) return "duplicate";
    entry.claimed = true;
    return request;
  }

  /**
   * Forgets a settled request; what still comes for it is a duplicate, or late if nothing came in time.
   * Returns whether a response had claimed it.
   */
  remove(requestId: string): boolean {
    const entry = this.#waiting.get(requestId);
    if (entry === undefined) return false;
    this.#waiting.delete(requestId);
    this.#ended.set(requestId, entry.claimed ? "duplicate" : "late");
    if (this.#ended.size > REMEMBERED_REQUESTS) {
      const [oldest] = this.#ended.keys();
      if (oldest !== undefined) this.#ended.delete(oldest);
    }
    return entry.claimed;
  }
}
