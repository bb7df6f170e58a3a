import type { Delivery } from "../errors/response-exception.ts";
import type { DeviceState } from "../protocol/status.ts";

/** What is known of a request that got no response in time. */
export interface TimeoutFacts {
  readonly timeoutMs: number;
  readonly delivery: Delivery;
  /** Whether there is a link now. */
  readonly isOnline: boolean;
  readonly broker: string;
}

/** What happened, as the detail of the error. */
export const tellTimeout = ({ timeoutMs, delivery, isOnline, broker }: TimeoutFacts): string => {
  const time = `within ${String(timeoutMs)} ms`;
  if (delivery === "not sent") {
    return isOnline
      ? `nothing was sent ${time}: the broker has not granted the subscription to the response, or the socket took no more`
      : `no link to ${broker} ${time}: nothing was sent`;
  }
  const link = isOnline ? "" : `no link to ${broker} and `;
  const knowledge = delivery === "acknowledged" ? ", though the broker has the request" : "";
  return `${link}no response ${time}${knowledge}; the device may still have acted`;
};

/** What a hint depends on. */
export interface HintFacts {
  readonly delivery: Delivery;
  readonly target: string;
  /** What kept a link from coming about, where the request waited for one to the end. */
  readonly why: Error | undefined;
  readonly mailboxFilter: string | undefined;
  /** What the device says of itself, where that is known. */
  readonly state?: DeviceState | undefined;
}

/** What to check next. */
export const timeoutHint = ({ delivery, target, why, ...facts }: HintFacts): string => {
  const { mailboxFilter, state } = facts;
  if (delivery === "not sent") {
    return why === undefined
      ? "check that the broker is running and can be reached"
      : `the last dial says: ${why.message}`;
  }
  if (state === "OFFLINE")
    return `${target} is OFFLINE, as it or its Last Will has told: start it, or see what keeps it from the broker`;
  const answers =
    mailboxFilter === undefined ? "its responses" : `its responses, which come on ${mailboxFilter}`;
  if (state === "ONLINE") {
    return `${target} is ONLINE: check that it answers this path and may publish its responses, and that the broker's access rules let this client read ${answers}`;
  }
  const asked =
    delivery === "sent"
      ? `check that ${target} is connected and answers this path; with qos 1 and MQTT 5 the broker tells when nobody listens, or when its access rules forbid the request`
      : `check that ${target} answers this path and may publish its responses`;
  return `${asked}; check that the broker's access rules let this client read ${answers}`;
};
