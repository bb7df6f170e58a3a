import { createDecoder } from "../traffic/decode-message.ts";
import type { Decoded } from "../traffic/decode-message.ts";
import { Pairing } from "../traffic/pairing.ts";
import type { Recording } from "./recording-reader.ts";

/** A request of a recording that can be sent or answered again. */
export interface RecordedExchange {
  readonly request: Decoded & { readonly target: string; readonly subsystem: string };
  /** Undefined: it had none. */
  readonly response: RecordedResponse | undefined;
}

/** The first answer to it. */
export interface RecordedResponse {
  readonly code: number;
  readonly body: unknown;
  readonly location: unknown;
  /** How long it took. */
  readonly elapsedMs: number;
}

const isRequest = (message: Decoded): message is RecordedExchange["request"] =>
  message.kind === "request" && message.target !== undefined && message.subsystem !== undefined;

/** The requests of a recording in their order, each with the first answer that it got. */
export const exchangesOf = ({ messages, namespace }: Recording): readonly RecordedExchange[] => {
  const pairing = new Pairing({ timeoutMs: Infinity, mostOpen: messages.length + 1 });
  const requests: RecordedExchange["request"][] = [];
  const responses = new Map<Decoded, RecordedResponse>();
  const known = new Set<string>();
  const decode = createDecoder(namespace);
  for (const message of messages) {
    // What was retained is from before: no request, and no answer to one.
    if (message.retain) continue;
    const decoded = decode(message);
    const event = pairing.take(decoded);
    if (isRequest(decoded)) {
      const { target, subsystem, requestId } = decoded;
      const key = JSON.stringify([target, subsystem, requestId]);
      // One that was sent again is the same request.
      if (!known.has(key)) requests.push(decoded);
      known.add(key);
    }
    if (event.event !== "message" || event.kind !== "response") continue;
    const { request, elapsedMs, code, body, location } = event;
    if (request === undefined || elapsedMs === undefined || code === undefined) continue;
    if (!responses.has(request)) responses.set(request, { code, body, location, elapsedMs });
  }
  return requests.map((request) => ({ request, response: responses.get(request) }));
};
