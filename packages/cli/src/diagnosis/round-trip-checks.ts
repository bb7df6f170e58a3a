import type { Check } from "./check.ts";
import { failed, NotTold, ok } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import type { Loop } from "./loop.ts";
import { LinkEnd } from "./network/probe-link.ts";
import type { Arrival } from "./network/probe-link.ts";
import type { Probe } from "./probe.ts";

type QoS = 0 | 1 | 2;

const ROUND_TRIPS = 15;

const medianOf = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

/** A topic that reaches the probe itself. */
const openLoop = async (probe: Probe): Promise<Loop> => {
  const { request, response, named } = await probe.loops();
  const open = [response, request, named].find((loop) => loop?.arrived);
  if (open === undefined) throw new NotTold("no message arrives here, see above");
  return open;
};

const maximumQoSOf = async (probe: Probe): Promise<number> =>
  (await probe.link()).properties.maximumQoS ?? 2;

/** The time from a message's way out to its way in, in ms; undefined: it was lost. */
const timeOne = async (probe: Probe, topic: string, qos: QoS): Promise<number | undefined> => {
  const link = await probe.link();
  const payload = JSON.stringify(probe.payloads.createGeneralPayload(crypto.randomUUID()));
  const isIt = (each: Arrival): boolean => each.topic === topic && each.payload === payload;
  const startedAt = performance.now();
  const arriving = link.arrival(isIt, probe.graceMs);
  const sending = link.publish({ topic, payload, qos, expiresInS: 5 });
  const [arrivedAt] = await Promise.all([
    arriving.then((arrived) => arrived && performance.now()),
    // An acknowledgement that does not come is no reason to wait here.
    Promise.race([sending, arriving]),
  ]);
  return arrivedAt === undefined ? undefined : arrivedAt - startedAt;
};

/** What became of messages with a QoS: their median time in ms, or how they ended otherwise. */
type Measured = number | "lost" | "link ended";

const measure = async (probe: Probe, qos: QoS): Promise<Measured> => {
  const { filter, topic } = await openLoop(probe);
  const times: number[] = [];
  try {
    // Another link than the one that tried the loop may be in use by now.
    await (await probe.link()).subscribe(filter);
    for (let count = 0; count < ROUND_TRIPS; count += 1) {
      const time = await timeOne(probe, topic, qos);
      if (time === undefined) return (await probe.link()).hasEnded ? "link ended" : "lost";
      times.push(time);
    }
  } catch (error) {
    if (error instanceof LinkEnd) return "link ended";
    throw error;
  }
  return medianOf(times);
};

const measured = async (probe: Probe, qos: QoS): Promise<Measured> => {
  const maximum = await maximumQoSOf(probe);
  if (qos > maximum) throw new NotTold(`the broker takes QoS ${String(maximum)} at most`);
  return probe.once(`round trip ${String(qos)}`, () => measure(probe, qos));
};

const OTHERS = "use another QoS; and check the broker's log";

const roundTrip = async (probe: Probe, qos: QoS): Promise<Verdict> => {
  const medianMs = await measured(probe, qos);
  if (medianMs === "lost") return failed(`a message with QoS ${String(qos)} was lost`, OTHERS);
  if (medianMs === "link ended") {
    return failed(`the broker ended the connection over QoS ${String(qos)}`, OTHERS);
  }
  return ok(`${medianMs.toFixed(2)} ms, median of ${String(ROUND_TRIPS)}`, { medianMs });
};

const STALL_MS = 30;

/** Median times of round trips by their QoS, in ms; undefined: not known. */
export interface Medians {
  readonly qos0: number;
  readonly qos1: number | undefined;
  readonly qos2: number | undefined;
}

/**
 * Whether the broker holds its packets back: its Nagle's algorithm waits for our delayed acknowledgement. To oneself,
 * a message with QoS 1 needs one round trip, and one with QoS 2 needs two (MQTT 5 §4.3.3).
 */
export const nagleVerdict = ({ qos0, qos1, qos2 }: Medians, isWebSocket = false): Verdict => {
  const stallMs = Math.max((qos1 ?? 0) - qos0, (qos2 ?? 0) - 2 * qos0);
  if (stallMs < STALL_MS) return ok("nothing is held back");
  return failed(
    `the broker holds packets of QoS 1 and 2 back, for ${stallMs.toFixed(0)} ms`,
    isWebSocket
      ? "use the broker's port for MQTT without WebSocket; QoS 0 avoids it, too"
      : "set_tcp_nodelay true in mosquitto.conf ends it (Nagle's algorithm); QoS 0 avoids it",
    { stallMs },
  );
};

const knownMedian = async (probe: Probe, qos: QoS): Promise<number | undefined> => {
  if (qos > (await maximumQoSOf(probe))) return undefined;
  const medianMs = await measured(probe, qos);
  return typeof medianMs === "number" ? medianMs : undefined;
};

const nagle = async (probe: Probe): Promise<Verdict> => {
  const qos0 = await knownMedian(probe, 0);
  const [qos1, qos2] = [await knownMedian(probe, 1), await knownMedian(probe, 2)];
  if (qos0 === undefined) throw new NotTold("messages were lost");
  if (qos1 === undefined && qos2 === undefined) throw new NotTold("only QoS 0 can be tried");
  return nagleVerdict({ qos0, qos1, qos2 }, probe.subject.isWebSocket);
};

const trip = (qos: QoS): Check => ({
  id: `round-trip.qos${String(qos)}`,
  group: "Round trips",
  title: `QoS ${String(qos)}`,
  run: (probe) => roundTrip(probe, qos),
});

export const ROUND_TRIP_CHECKS: readonly Check[] = [
  trip(0),
  trip(1),
  trip(2),
  { id: "round-trip.nagle", group: "Round trips", title: "stalls", run: nagle },
];
