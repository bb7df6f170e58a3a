import type { Decoded } from "./decode-message.ts";

/** What has been seen: a message, or that an answer did not come. */
export type TrafficEvent =
  | (Decoded & {
      readonly event: "message";
      /** Of a response: the request that it answers, where that was seen. */
      readonly request: Decoded | undefined;
      /** Of a response: how long after its request it came. */
      readonly elapsedMs: number | undefined;
    })
  | { readonly event: "unanswered"; readonly at: number; readonly request: Decoded };

interface OpenRequest {
  readonly request: Decoded;
  isAnswered: boolean;
}

/** How requests are paired with their answers. */
export interface PairingOptions {
  /** How long an answer may take before the request counts as unanswered. */
  readonly timeoutMs: number;
  /** Requests that are remembered at once. */
  readonly mostOpen: number;
}

const keyOf = ({ requestId, subsystem, target }: Decoded): string =>
  JSON.stringify([requestId, subsystem, target]);

/**
 * Pairs requests with their answers by the request id, the subsystem and the target: mailboxes and devices that build
 * topics otherwise alike. Pure: the time comes with the messages, and with `expire()`.
 */
export class Pairing {
  readonly #options: PairingOptions;
  /** In the order of arrival, which is that of their deadlines. */
  readonly #open = new Map<string, OpenRequest>();
  /** Requests that were forgotten because there were too many. */
  forgotten = 0;

  constructor(options: PairingOptions) {
    this.#options = options;
  }

  /** Takes a message. */
  take(message: Decoded): TrafficEvent {
    const { kind, requestId, target } = message;
    const none = {
      event: "message",
      ...message,
      request: undefined,
      elapsedMs: undefined,
    } as const;
    if (requestId === undefined || target === undefined) return none;
    if (kind === "request") {
      this.#remember(message);
      return none;
    }
    if (kind !== "response") return none;
    // It stays until its time is over: a group gives several answers.
    const open = this.#open.get(keyOf(message));
    if (open === undefined) return none;
    open.isAnswered = true;
    const { request } = open;
    return { ...none, request, elapsedMs: Math.max(0, message.at - request.at) };
  }

  #remember(request: Decoded): void {
    const key = keyOf(request);
    const known = this.#open.get(key);
    // One that is sent again is the same request.
    if (known !== undefined) return;
    this.#open.set(key, { request, isAnswered: false });
    if (this.#open.size <= this.#options.mostOpen) return;
    const [oldest] = this.#open.keys();
    if (oldest === undefined) return;
    if (this.#open.get(oldest)?.isAnswered === false) this.forgotten += 1;
    this.#open.delete(oldest);
  }

  /** Requests whose time is over by now, without an answer; `Infinity`: all that are open. */
  expire(now: number): readonly TrafficEvent[] {
    const over: TrafficEvent[] = [];
    for (const [key, { request, isAnswered }] of this.#open) {
      const at = request.at + this.#options.timeoutMs;
      if (at > now) break;
      this.#open.delete(key);
      if (!isAnswered) over.push({ event: "unanswered", at, request });
    }
    return over;
  }
}
