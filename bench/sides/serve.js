// @ts-check

/**
 * @typedef {object} Side What a process of the benchmark can do.
 * @property {(run: Run) => Promise<void>} [request] sends one request and waits for its response
 * @property {() => Promise<void>} close
 */
/**
 * @typedef {object} Run
 * @property {string} target
 * @property {unknown} body
 * @property {number} index
 */
/**
 * @typedef {object} Batch
 * @property {number} count
 * @property {number} inFlight
 * @property {string[]} targets
 * @property {unknown} body
 */

/** @param {Side} side @param {Batch} batch */
const runBatch = async ({ request }, { count, inFlight, targets, body }) => {
  if (request === undefined) throw new Error("this side sends no requests");
  const latencies = new Float64Array(count);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      const start = performance.now();
      await request({ target: targets[index % targets.length] ?? "", body, index });
      latencies[index] = performance.now() - start;
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, lane));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  latencies.sort();
  return {
    perSecond: count / seconds,
    medianMs: latencies[Math.floor(count / 2)],
    p99Ms: latencies[Math.floor(count * 0.99)],
    cpuMicrosPerRequest: (user + system) / count,
  };
};

/** Connects this process, as one side of the benchmark, to the process that started it. */
/** @param {Side} side */
export const serveSide = (side) => {
  /** @type {NodeJS.CpuUsage | undefined} */
  let cpu;
  process.on("message", (/** @type {any} */ message) => {
    void (async () => {
      /** @type {unknown} */
      let result;
      if (message.type === "batch") result = await runBatch(side, message.batch);
      if (message.type === "cpu-start") cpu = process.cpuUsage();
      if (message.type === "cpu-stop") result = process.cpuUsage(cpu);
      if (message.type === "heap") {
        globalThis.gc?.();
        result = process.memoryUsage().heapUsed;
      }
      if (message.type === "close") await side.close();
      process.send?.({ id: message.id, result });
      if (message.type === "close") process.disconnect();
    })();
  });
  process.send?.({ ready: true });
};
