// @ts-check
import { SideProcess } from "./side-process.js";

/** @typedef {import("./sides/options.js").SideOptions} SideOptions */
/** @typedef {import("./sides/load.js").Load} Load */
/** @typedef {import("./sides/load.js").LoadResult} LoadResult */
/** @typedef {"bare" | "library" | "sync"} SideKind On MQTT.js alone, on the library, on its blocking client. */

/**
 * @typedef {object} PairOptions
 * @property {SideKind} requester
 * @property {SideKind} device
 * @property {SideOptions} side
 * @property {readonly string[]} [requesterNodeOptions]
 * @property {readonly string[]} [deviceNodeOptions]
 */

/** @typedef {LoadResult & { deviceMicros: number }} PairResult With the processor time per request of the device. */

/** A requester and a device, each in a process of its own. */
export class Pair {
  /** @param {SideProcess} requester @param {SideProcess} device */
  constructor(requester, device) {
    this.requester = requester;
    this.device = device;
  }

  /** @param {PairOptions} options */
  static async start({ requester, device, side, requesterNodeOptions, deviceNodeOptions }) {
    // The device first: a request that nobody hears is never answered.
    const deviceProcess = await SideProcess.start(
      `sides/${device}-device.js`,
      side,
      deviceNodeOptions,
    );
    try {
      const file = `sides/${requester}-requester.js`;
      return new Pair(await SideProcess.start(file, side, requesterNodeOptions), deviceProcess);
    } catch (error) {
      await deviceProcess.close();
      throw error;
    }
  }

  /** @param {Load} load @returns {Promise<PairResult>} */
  async measure(load) {
    const before = await this.device.call("meter", undefined);
    const result = await this.requester.call("load", load);
    const after = await this.device.call("meter", undefined);
    const served = after.served - before.served;
    return { ...result, deviceMicros: (after.cpuMicros - before.cpuMicros) / served };
  }

  async close() {
    await this.requester.close();
    await this.device.close();
  }
}

/**
 * Runs `use` with a pair of its own.
 *
 * @template T
 * @param {PairOptions} options @param {(pair: Pair) => Promise<T>} use
 */
export const withPair = async (options, use) => {
  const pair = await Pair.start(options);
  try {
    return await use(pair);
  } finally {
    await pair.close();
  }
};
