// @ts-check
import { quantile } from "../summary.js";
import { bodyOf, deviceTag } from "./payload.js";
import { cpuMicros } from "./commands.js";

/** @typedef {import("./payload.js").Asked} Asked */
/** @typedef {(asked: Asked) => Promise<unknown>} SendRequest Sends a request and waits for its response. */

/**
 * @typedef {object} Stream Requests to devices in turn.
 * @property {number} inFlight How many wait for their response at any time.
 * @property {number} devices How many devices are asked.
 * @property {number} [firstDevice] The number of the first of them; default 0.
 * @property {number} payloadBytes
 */
/** @typedef {Stream & { warmUpMs: number, measureMs: number }} Load For some time. */
/** @typedef {Stream & { count: number }} Batch By number. */

/** @typedef {{ at: number, cpuMicros: number }} Moment */

/**
 * @typedef {object} LoadResult
 * @property {number} perSecond Requests answered.
 * @property {number} medianMs Time from request to response.
 * @property {number} p99Ms
 * @property {number} requesterMicros Processor time per request.
 */

/**
 * What to ask next, without end.
 *
 * @param {string} prefix @param {Stream} stream @returns {() => Asked}
 */
const turns = (prefix, { devices, firstDevice = 0, payloadBytes }) => {
  const body = bodyOf(payloadBytes);
  const tags = Array.from({ length: devices }, (_, index) =>
    deviceTag(prefix, firstDevice + index),
  );
  let turn = 0;
  return () => {
    const target = tags[turn % devices] ?? "";
    turn += 1;
    return { target, body };
  };
};

/** The part of a run that counts: after the warm-up, until there is enough of it. */
class Measurement {
  #load;
  #began = performance.now();
  #warmUps = 0;
  /** @type {number[]} */
  #latencies = [];
  /** @type {Moment | undefined} */
  #start;
  /** @type {Moment | undefined} */
  #end;

  /** @param {Load} load */
  constructor(load) {
    this.#load = load;
  }

  get hasEnded() {
    return this.#end !== undefined;
  }

  /** Takes note of a response. @param {number} now @param {number} latency */
  note(now, latency) {
    const { inFlight, warmUpMs, measureMs } = this.#load;
    if (this.#end !== undefined) return;
    if (this.#start === undefined) {
      this.#warmUps += 1;
      const isWarm = now - this.#began >= warmUpMs && this.#warmUps >= inFlight;
      if (isWarm) this.#start = { at: now, cpuMicros: cpuMicros() };
      return;
    }
    this.#latencies.push(latency);
    const isEnough = now - this.#start.at >= measureMs && this.#latencies.length >= inFlight;
    if (isEnough) this.#end = { at: now, cpuMicros: cpuMicros() };
  }

  /** @returns {LoadResult} */
  get result() {
    const [start, end] = [this.#start, this.#end];
    if (start === undefined || end === undefined) throw new Error("the measurement did not end");
    const sorted = Float64Array.from(this.#latencies).toSorted();
    return {
      perSecond: (sorted.length * 1000) / (end.at - start.at),
      medianMs: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      requesterMicros: (end.cpuMicros - start.cpuMicros) / sorted.length,
    };
  }
}

/**
 * Keeps so many requests in flight and measures. At the end of the warm-up and of the measurement as many
 * are in flight as in between: neither the first nor the last requests count.
 *
 * @param {SendRequest} request @param {string} prefix @param {Load} load
 */
export const runLoad = async (request, prefix, load) => {
  const next = turns(prefix, load);
  const measurement = new Measurement(load);
  const lane = async () => {
    while (!measurement.hasEnded) {
      const sent = performance.now();
      await request(next());
      const now = performance.now();
      measurement.note(now, now - sent);
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, lane));
  return measurement.result;
};

/**
 * The same with requests that block, so that one comes after the other.
 *
 * @param {(asked: Asked) => unknown} request @param {string} prefix @param {Load} load
 */
export const runBlockingLoad = (request, prefix, load) => {
  const next = turns(prefix, load);
  const measurement = new Measurement(load);
  while (!measurement.hasEnded) {
    const sent = performance.now();
    request(next());
    const now = performance.now();
    measurement.note(now, now - sent);
  }
  return measurement.result;
};

/**
 * Sends so many requests and waits for all responses; gives how long that took, in ms.
 *
 * @param {SendRequest} request @param {string} prefix @param {Batch} batch
 */
export const runBatch = async (request, prefix, batch) => {
  const { count, inFlight } = batch;
  const next = turns(prefix, batch);
  const began = performance.now();
  let sent = 0;
  const lane = async () => {
    while (sent < count) {
      sent += 1;
      await request(next());
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return performance.now() - began;
};
