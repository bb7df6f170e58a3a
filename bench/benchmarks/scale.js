// @ts-check
// Many devices, many requests in flight, and what they cost in subscriptions and memory.
import { withBroker } from "../brokers/broker.js";
import { withPair } from "../pair.js";
import { summarise } from "../summary.js";

/** @typedef {import("../summary.js").Summary} Summary */
/** @typedef {import("../brokers/broker.js").Broker} Broker */
/** @typedef {import("../side-process.js").SideProcess} SideProcess */
/** @typedef {import("./all.js").Setting} Setting */

const POWERS = [1, 10, 100, 1_000, 10_000];
const FULL = { devices: POWERS, inFlight: POWERS };
const QUICK = { devices: [1, 100, 1_000], inFlight: [1, 100, 10_000] };
const PAYLOAD_BYTES = 200;

/**
 * @typedef {object} DevicesResult
 * @property {number} devices
 * @property {Summary} firstPerSecond Requests answered per second while all devices are unknown.
 * @property {readonly { inFlight: number, perSecond: Summary }[]} cells The same once all are known.
 */
/**
 * @typedef {object} ScaleResult
 * @property {string} broker
 * @property {readonly DevicesResult[]} throughput
 * @property {{ requests: number, devices: number, responses: number }} subscriptions Those held for responses.
 * @property {{ requests: number, perRequestBytes: Summary, perTextBytes: Summary }} inFlightHeap
 * `perRequestBytes`: without the text that is sent, which is `perTextBytes`.
 * @property {{ devices: number, perDeviceBytes: Summary }} knownDevicesHeap
 */

/**
 * Runs `use` with a process of the library that asks, and one of MQTT.js that plays all devices.
 *
 * @template T
 * @param {Broker} broker @param {(requester: SideProcess) => Promise<T>} use
 */
const withDevices = ({ url }, use) =>
  withPair(
    {
      requester: "library",
      device: "bare",
      side: { url, protocolVersion: 5, qos: 0, prefix: "s", isEveryDevice: true },
      requesterNodeOptions: ["--expose-gc"],
    },
    ({ requester }) => use(requester),
  );

/** Requests to devices in turn, from the device with the given number on. @param {number} firstDevice @param {number} devices */
const stream = (firstDevice, devices, inFlight = 64) => ({
  firstDevice,
  devices,
  inFlight,
  payloadBytes: PAYLOAD_BYTES,
});

/** Devices that nothing else asks. */
const WARM_UP_DEVICES = 50_000;

/** @param {SideProcess} requester @param {number} count */
const warmUp = (requester, count) =>
  requester.call("batch", { ...stream(WARM_UP_DEVICES, Math.ceil(count / 10)), count });

/** @param {SideProcess} requester @param {number} devices @param {Setting} setting */
const measureDevices = async (requester, devices, { quick }) => {
  // 1, 10 to 19, 100 to 199: so each row begins with devices that no other row has asked.
  const firstMs = await requester.call("batch", { ...stream(devices, devices), count: devices });
  const times = quick ? { warmUpMs: 10, measureMs: 50 } : { warmUpMs: 200, measureMs: 800 };
  const perSecond = [];
  for (const inFlight of (quick ? QUICK : FULL).inFlight) {
    const load = { ...stream(devices, devices, inFlight), ...times };
    perSecond.push((await requester.call("load", load)).perSecond);
  }
  return { firstPerSecond: (devices * 1000) / firstMs, perSecond };
};

/** @param {Broker} broker @param {Setting} setting @returns {Promise<readonly DevicesResult[]>} */
const measureThroughput = async (broker, setting) => {
  const extent = setting.quick ? QUICK : FULL;
  /** @type {Awaited<ReturnType<typeof measureDevices>>[][]} */
  const rounds = [];
  for (let round = 1; round <= setting.rounds; round += 1) {
    setting.note(`scale: throughput: round ${round} of ${setting.rounds}`);
    const results = await withDevices(broker, async (requester) => {
      await warmUp(requester, setting.quick ? 500 : 10_000);
      /** @type {typeof rounds[number]} */
      const rows = [];
      for (const devices of extent.devices)
        rows.push(await measureDevices(requester, devices, setting));
      return rows;
    });
    rounds.push(results);
  }
  return extent.devices.map((devices, row) => {
    const results = rounds.flatMap((rows) => rows[row] ?? []);
    const cells = extent.inFlight.map((inFlight, column) => ({
      inFlight,
      perSecond: summarise(results.map(({ perSecond }) => perSecond[column] ?? Number.NaN)),
    }));
    const firstPerSecond = summarise(results.map((result) => result.firstPerSecond));
    return { devices, firstPerSecond, cells };
  });
};

/** @param {Broker} broker @returns {Promise<ScaleResult["subscriptions"]>} */
const countSubscriptions = (broker) =>
  withDevices(broker, async (requester) => {
    const [requests, devices] = [10_000, 1_000];
    await requester.call("batch", { ...stream(0, devices), count: requests });
    const held = await requester.call("subscriptions", undefined);
    // One of them is for requests to this client itself.
    return { requests, devices, responses: held - 1 };
  });

/** @param {Broker} broker @param {{ requests: number, devices: number }} counts */
const measureHeap = (broker, { requests, devices }) =>
  withDevices(broker, async (requester) => {
    const heap = () => requester.call("heap", undefined);
    const one = stream(0, 1, 1);
    // The library remembers the latest requests that have ended: from here on that costs no more.
    await warmUp(requester, 5_000);
    await requester.call("batch", { ...one, count: 1 });
    const unknown = await heap();
    await requester.call("batch", { ...stream(1, devices), count: devices });
    const known = await heap();
    await requester.call("holdTexts", { ...one, count: requests });
    const withTexts = await heap();
    await requester.call("dropTexts", undefined);
    const before = await heap();
    await requester.call("hold", { ...one, count: requests });
    // Once a later request is answered, all earlier ones have left the process.
    await requester.call("batch", { ...one, count: 1 });
    const holding = await heap();
    const perTextBytes = (withTexts - known) / requests;
    return {
      perDeviceBytes: (known - unknown) / devices,
      perTextBytes,
      perRequestBytes: (holding - before) / requests - perTextBytes,
    };
  });

/** @param {Setting} setting @returns {Promise<ScaleResult>} */
export const measureScale = (setting) =>
  withBroker({}, async (broker) => {
    const throughput = await measureThroughput(broker, setting);
    setting.note("scale: subscriptions");
    const subscriptions = await countSubscriptions(broker);
    const counts = setting.quick
      ? { requests: 1_000, devices: 1_000 }
      : { requests: 10_000, devices: 10_000 };
    const heaps = [];
    for (let round = 1; round <= setting.rounds; round += 1) {
      setting.note(`scale: memory: round ${round} of ${setting.rounds}`);
      heaps.push(await measureHeap(broker, counts));
    }
    return {
      broker: broker.name,
      throughput,
      subscriptions,
      inFlightHeap: {
        requests: counts.requests,
        perRequestBytes: summarise(heaps.map(({ perRequestBytes }) => perRequestBytes)),
        perTextBytes: summarise(heaps.map(({ perTextBytes }) => perTextBytes)),
      },
      knownDevicesHeap: {
        devices: counts.devices,
        perDeviceBytes: summarise(heaps.map(({ perDeviceBytes }) => perDeviceBytes)),
      },
    };
  });
