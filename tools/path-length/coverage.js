// @ts-check
import { Session } from "node:inspector";

/** @typedef {ReadonlyMap<string, readonly string[]>} CalledFunctions Names of functions by path of file. */

/** Which functions of the files below a folder are called, told by the counters of V8. */
export class Coverage {
  #session = new Session();
  #folder;

  /** @param {string} folder URL of the folder, with a slash at its end. */
  constructor(folder) {
    this.#folder = folder;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  }

  /** What was called since the last time. @returns {CalledFunctions} */
  take() {
    /** @type {Map<string, string[]>} */
    const called = new Map();
    // The session is to this thread, so the answer is there when `post` returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error !== null) throw error;
      for (const { url, functions } of coverage.result) {
        if (!url.startsWith(this.#folder)) continue;
        const names = functions
          .filter(({ ranges }) => ranges.some(({ count }) => count > 0))
          .map(({ functionName }) => functionName || "(anonymous)");
        if (names.length > 0) called.set(url.slice(this.#folder.length), names);
      }
    });
    return called;
  }

  stop() {
    this.#session.disconnect();
  }
}
