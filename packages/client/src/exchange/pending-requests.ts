import { LruMap } from "../runtime/lru-map.ts";
import type { RequestInFlight } from "./request-in-flight.ts";

/** Why a response settles nothing: answered before, answered too late, or not an answer to anything asked. */
export type UnwantedResponse = "duplicate" | "late" | "stranger";

/** Says which device a topic belongs to; `undefined` where it is no response topic. */
export type ReadAddress = (
  topic: string,
) => { readonly subsystem: string; readonly target: string } | undefined;

/** How many ended requests are remembered, to tell late and repeated responses from strangers'. */
const REMEMBERED_REQUESTS = 2_048;

/** Requests in flight, by the id in their header. */
export class PendingRequests {
  readonly #waiting = new Map<string, RequestInFlight>();
  /** Ended requests, with what a further response to each would be. */
  readonly #ended = new LruMap<string, "duplicate" | "late">(REMEMBERED_REQUESTS);
  readonly #readAddress: ReadAddress;

  constructor(readAddress: ReadAddress) {
    this.#readAddress = readAddress;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(requestId: string): boolean {
    return this.#waiting.has(requestId);
  }

  /** All of them, those whose response is on its way through the handlers included. */
  all(): readonly RequestInFlight[] {
    return [...this.#waiting.values()];
  }

  add(request: RequestInFlight): void {
    this.#waiting.set(request.call.requestId, request);
  }

  /**
   * The request that a response answers. Its first response takes it; subsystem and target in the topic
   * must be the ones asked, so that no other device can answer in its place.
   */
  claim(requestId: string, topic: string): RequestInFlight | UnwantedResponse {
    const request = this.#waiting.get(requestId);
    if (request === undefined) return this.#ended.get(requestId) ?? "stranger";
    if (!this.#isAnswerTo(request, topic)) return "stranger";
    if (request.isClaimed) return "duplicate";
    request.isClaimed = true;
    return request;
  }

  #isAnswerTo({ call, route }: RequestInFlight, topic: string): boolean {
    if (topic === route.responseTopic) return true;
    const address = this.#readAddress(topic);
    return address?.subsystem === call.subsystem && address.target === call.target;
  }

  /** Forgets an ended request; what still comes for it is a duplicate, or late if nothing came in time. */
  remove({ call, isClaimed }: RequestInFlight): void {
    this.#waiting.delete(call.requestId);
    this.#ended.set(call.requestId, isClaimed ? "duplicate" : "late");
  }
}
