import type { Check } from "./check.ts";
import { failed, NotTold, ok } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import type { Arrival } from "./network/probe-link.ts";
import type { Probe } from "./probe.ts";

type QoS = 0 | 1 | 2;

const ROUND_TRIPS = 15;

const medianOf = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

/** A topic that reaches the probe itself. */
const openTopic = async (probe: Probe): Promise<string> => {
  const { request, response, named } = await probe.loops();
  const open = [response, request, named].find((loop) => loop?.arrived);
  if (open === undefined) throw new NotTold("no message arrives here, see above");
  return open.topic;
};

const maximumQoSOf = async (probe: Probe): Promise<number> =>
  (await probe.link()).properties.maximumQoS ?? 2;

/** The median time from a message's way out to its way in, in ms; undefined: one was lost. */
const measure = async (probe: Probe, qos: QoS): Promise<number | undefined> => {
  const [topic, link] = [await openTopic(probe), await probe.link()];
  const times: number[] = [];
  for (let count = 0; count < ROUND_TRIPS; count += 1) {
    const payload = JSON.stringify(probe.payloads.createGeneralPayload(crypto.randomUUID()));
    const isIt = (each: Arrival): boolean => each.topic === topic && each.payload === payload;
    const startedAt = performance.now();
    const arriving = link.arrival(isIt, probe.graceMs);
    const sending = link.publish({ topic, payload, qos, expiresInS: 5 });
    const [arrival] = await Promise.all([
      arriving.then((arrived) => arrived && performance.now()),
      // An acknowledgement that does not come is no reason to wait here.
      Promise.race([sending, arriving]),
    ]);
    if (arrival === undefined) return undefined;
    times.push(arrival - startedAt);
  }
  return medianOf(times);
};

const medianAt = async (probe: Probe, qos: QoS): Promise<number | undefined> => {
  const maximum = await maximumQoSOf(probe);
  if (qos > maximum) throw new NotTold(`the broker takes QoS ${String(maximum)} at most`);
  return probe.once(`round trip ${String(qos)}`, () => measure(probe, qos));
};

const roundTrip = async (probe: Probe, qos: QoS): Promise<Verdict> => {
  const medianMs = await medianAt(probe, qos);
  return medianMs === undefined
    ? failed(
        `a message with QoS ${String(qos)} was lost`,
        "check the broker's limits and its log; other QoS levels may do",
      )
    : ok(`${medianMs.toFixed(2)} ms, median of ${String(ROUND_TRIPS)}`, { medianMs });
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
export const nagleVerdict = ({ qos0, qos1, qos2 }: Medians): Verdict => {
  const stallMs = Math.max((qos1 ?? 0) - qos0, (qos2 ?? 0) - 2 * qos0);
  if (stallMs < STALL_MS) return ok("nothing is held back");
  return failed(
    `the broker holds packets of QoS 1 and 2 back, for ${stallMs.toFixed(0)} ms`,
    "set_tcp_nodelay true in mosquitto.conf ends it (Nagle's algorithm); QoS 0 avoids it",
    { stallMs },
  );
};

const knownMedian = async (probe: Probe, qos: QoS): Promise<number | undefined> =>
  qos > (await maximumQoSOf(probe)) ? undefined : medianAt(probe, qos);

const nagle = async (probe: Probe): Promise<Verdict> => {
  const qos0 = await medianAt(probe, 0);
  const [qos1, qos2] = [await knownMedian(probe, 1), await knownMedian(probe, 2)];
  if (qos0 === undefined) throw new NotTold("messages were lost");
  if (qos1 === undefined && qos2 === undefined) throw new NotTold("only QoS 0 can be tried");
  return nagleVerdict({ qos0, qos1, qos2 });
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
