// @ts-check
// Many devices, many requests in flight, and what they cost in subscriptions and memory.
import { withBroker } from "../brokers/broker.js";
import { withPair } from "../pair.js";
import { summarise } from "../summary.js";

/** @typedef {import("../summary.js").Summary} Summary */
/** @typedef {import("../brokers/broker.js").Broker} Broker */
/** @typedef {import("../pair.js").Pair} Pair */
/** @typedef {import("./setting.js").Setting} Setting */

const POWERS = [1, 10, 100, 1_000, 10_000];
const QUICK_POWERS = [1, 100, 10_000];
const PAYLOAD_BYTES = 200;

/**
 * @typedef {object} DevicesResult
 * @property {number} devices
 * @property {Summary} firstPerSecond Requests answered per second while no device is known yet.
 * @property {readonly { inFlight: number, perSecond: Summary }[]} cells The same once all are.
 */
/**
 * @typedef {object} ScaleResult
 * @property {string} broker
 * @property {readonly DevicesResult[]} throughput
 * @property {{ requests: number, devices: number, held: number }} responseSubscriptions
 * @property {{ requests: number, perRequestBytes: Summary, perTextBytes: Summary }} inFlightHeap
 * @property {{ devices: number, perDeviceBytes: Summary }} knownDevicesHeap
 */

/**
 * One process of the library that asks, and one of MQTT.js that plays all devices.
 *
 * @template T
 * @param {Broker} broker @param {(pair: Pair) => Promise<T>} use
 */
const withDevices = ({ url }, use) =>
  withPair(
    {
      requester: "library",
      device: "bare",
      side: { url, protocolVersion: 5, qos: 0, prefix: "s", isEveryDevice: true },
      requesterNodeOptions: ["--expose-gc"],
    },
    use,
  );

const stream = (/** @type {number} */ devices, inFlight = 64) => ({
  devices,
  inFlight,
  payloadBytes: PAYLOAD_BYTES,
});

/** @param {Pair} pair @param {number} devices @param {Setting} setting */
const measureDevices = async ({ requester }, devices, { quick }) => {
  // Known devices of another benchmark's round would not be unknown: the prefix of these is their own.
  const firstMs = await requester.call("batch", { ...stream(devices), count: devices });
  const times = quick ? { warmUpMs: 10, measureMs: 50 } : { warmUpMs: 200, measureMs: 800 };
  const perSecond = [];
  for (const inFlight of quick ? QUICK_POWERS : POWERS) {
    const result = await requester.call("load", { ...stream(devices, inFlight), ...times });
    perSecond.push(result.perSecond);
  }
  return { first: (devices * 1000) / firstMs, perSecond };
};
