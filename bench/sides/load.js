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
 * @property {number} payloadBytes
 */
/** @typedef {Stream & { warmUpMs: number, measureMs: number }} Load For some time. */
/** @typedef {Stream & { count: number }} Batch By number. */

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
const turns = (prefix, { devices, payloadBytes }) => {
  const body = bodyOf(payloadBytes);
  const tags = Array.from({ length: devices }, (_, index) => deviceTag(prefix, index));
  let turn = 0;
  return () => {
    const target = tags[turn % devices] ?? "";
    turn += 1;
    return { target, body };
  };
};

/**
 * Keeps so many requests in flight. Measuring begins after the warm-up and ends with as many in flight,
 * so that neither the first nor the last of them count.
 *
 * @param {SendRequest} request @param {string} prefix @param {Load} load @returns {Promise<LoadResult>}
 */
export const runLoad = async (request, prefix, load) => {
  const { inFlight, warmUpMs, measureMs } = load;
  const next = turns(prefix, load);
  const latencies = /** @type {number[]} */ ([]);
  const began = performance.now();
  let warmUps = 0;
  /** @type {{ at: number, cpu: number } | undefined} */
  let start;
  /** @type {{ at: number, cpu: number } | undefined} */
  let end;

  /** @param {number} now @param {number} latency */
  const note = (now, latency) => {
    if (end !== undefined) return;
    if (start === undefined) {
      warmUps += 1;
      if (now - began >= warmUpMs && warmUps >= inFlight) start = { at: now, cpu: cpuMicros() };
      return;
    }
    latencies.push(latency);
    if (now - start.at >= measureMs && latencies.length >= inFlight) end = { at: now, cpu: cpuMicros() };
  };
  const lane = async () => {
    while (end === undefined) {
      const sent = performance.now();
      await request(next());
      const now = performance.now();
      note(now, now - sent);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return resultOf(latencies, start, end);
};

/**
 * @param {readonly number[]} latencies
 * @param {{ at: number, cpu: number } | undefined} start @param {{ at: number, cpu: number } | undefined} end
 * @returns {LoadResult}
 */
const resultOf = (latencies, start, end) => {
  if (start === undefined || end === undefined) throw new Error("the measurement did not end");
  const sorted = Float64Array.from(latencies).sort();
  return {
    perSecond: (sorted.length * 1000) / (end.at - start.at),
    medianMs: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    requesterMicros: (end.cpu - start.cpu) / sorted.length,
  };
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
