import type { Check } from "./check.ts";
import { failed, NotTold, ok, unknown } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import type { ConnackProperties } from "./network/probe-link.ts";

const KIB = 1_024;
const SMALL_PACKET_BYTES = 4 * KIB;
const SMALL_RECEIVE_MAXIMUM = 10;
const SHORT_KEEP_ALIVE_S = 5;

/** Reads one limit from what the broker tells when it accepts a client (MQTT 5 §3.2.2.3). */
type ReadLimit = (told: ConnackProperties) => Verdict;

/** 1,048,576 bytes are 1 MB here: no broker's setting is round otherwise. */
const size = (bytes: number): string => {
  if (bytes >= KIB * KIB) return `${(bytes / KIB / KIB).toFixed(0)} MB`;
  return bytes >= KIB ? `${(bytes / KIB).toFixed(0)} kB` : `${String(bytes)} bytes`;
};

const packet: ReadLimit = ({ maximumPacketSize: bytes }) => {
  if (bytes === undefined) return ok("packets of any size");
  const data = { bytes };
  return bytes < SMALL_PACKET_BYTES
    ? failed(
        `packets of ${size(bytes)} at most: longer requests and answers are refused`,
        "raise the broker's maximum packet size (Mosquitto: max_packet_size)",
        data,
      )
    : ok(`packets of ${size(bytes)} at most`, data);
};

const receiveMaximum: ReadLimit = ({ receiveMaximum: count }) => {
  if (count === undefined) return ok("any number of unacknowledged messages");
  const text = `${String(count)} unacknowledged messages with QoS 1 and 2 at once`;
  return count < SMALL_RECEIVE_MAXIMUM
    ? failed(
        `only ${text}: the others wait`,
        "raise it at the broker (Mosquitto: max_inflight_messages)",
        { count },
      )
    : ok(text, { count });
};

const keepAlive: ReadLimit = ({ serverKeepAlive: seconds }) => {
  if (seconds === undefined) return ok("as the client asks for");
  const text = `the broker wants a sign of life every ${String(seconds)} s`;
  return seconds < SHORT_KEEP_ALIVE_S && seconds > 0
    ? failed(text, "raise it at the broker (Mosquitto: max_keepalive)", { seconds })
    : ok(text, { seconds });
};

const maximumQoS: ReadLimit = ({ maximumQoS: qos = 2 }) => {
  if (qos === 2) return ok("0, 1 and 2", { qos });
  return qos === 1
    ? ok("0 and 1", { qos })
    : failed(
        "0 alone: nobody tells whether a request has arrived",
        "allow QoS 1 at the broker (Mosquitto: max_qos)",
        { qos },
      );
};

const retain: ReadLimit = ({ retainAvailable = true }) =>
  retainAvailable
    ? ok("allowed")
    : failed(
        "the broker keeps no messages: who is present is known only by asking",
        "allow it at the broker (Mosquitto: retain_available true)",
      );

const wildcards: ReadLimit = ({ wildcardSubscriptionAvailable: isAvailable = true }) =>
  isAvailable
    ? ok("allowed")
    : failed(
        "the broker allows none: no device can be reached, and no answer comes back",
        "allow wildcard subscriptions at the broker",
      );

const shared: ReadLimit = ({ sharedSubscriptionAvailable: isAvailable = true }) =>
  isAvailable
    ? ok("not refused; whether it works is tried below")
    : unknown("the broker has none; nothing of the library needs them");

const session: ReadLimit = ({ sessionExpiryInterval: seconds }) => {
  if (seconds === undefined) return ok("kept as long as the client asks for");
  const text = seconds === 0 ? "they end with the connection" : `kept for ${String(seconds)} s`;
  return ok(text, { seconds });
};

/** The end of the id of a limit's check. */
type LimitId =
  | "packet"
  | "receive-maximum"
  | "keep-alive"
  | "qos"
  | "retain"
  | "wildcards"
  | "shared"
  | "session";

interface Limit {
  readonly title: string;
  readonly read: ReadLimit;
}

export const LIMITS: Readonly<Record<LimitId, Limit>> = {
  packet: { title: "packet size", read: packet },
  "receive-maximum": { title: "in flight", read: receiveMaximum },
  "keep-alive": { title: "keep alive", read: keepAlive },
  qos: { title: "QoS", read: maximumQoS },
  retain: { title: "retain", read: retain },
  wildcards: { title: "wildcards", read: wildcards },
  shared: { title: "$share", read: shared },
  session: { title: "sessions", read: session },
};

export const LIMIT_CHECKS: readonly Check[] = Object.entries(LIMITS).map(
  ([id, { title, read }]) => ({
    id: `limits.${id}`,
    group: "Limits",
    title,
    run: async (probe) => {
      const { level, properties } = await probe.link();
      if (level === 4) throw new NotTold("MQTT 3.1.1 does not tell");
      return read(properties);
    },
  }),
);
