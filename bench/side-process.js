// @ts-check
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process that plays one side of the benchmark, driven over its IPC channel. */
export class SideProcess {
  #child;
  /** @type {Map<number, (result: any) => void>} */
  #calls = new Map();
  #nextId = 0;

  /** @param {import("node:child_process").ChildProcess} child */
  constructor(child) {
    this.#child = child;
    child.on("message", (/** @type {any} */ { id, result }) => {
      this.#calls.get(id)?.(result);
      this.#calls.delete(id);
    });
  }

  /**
   * @param {"bare" | "library" | "many-devices"} kind
   * @param {object} options
   * @param {string[]} [nodeOptions]
   * @returns {Promise<SideProcess>}
   */
  static start(kind, options, nodeOptions = []) {
    const file = fileURLToPath(new URL(`sides/${kind}.js`, import.meta.url));
    const child = fork(file, [JSON.stringify(options)], { execArgv: nodeOptions });
    return new Promise((resolve, reject) => {
      /** @param {number | null} code */
      const fail = (code) => reject(new Error(`${kind} ended with code ${code}`));
      child.once("exit", fail);
      child.once("message", () => {
        child.off("exit", fail);
        resolve(new SideProcess(child));
      });
    });
  }

  /** @param {string} type @param {object} [rest] @returns {Promise<any>} */
  call(type, rest = {}) {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#calls.set(id, resolve);
      this.#child.send({ type, id, ...rest });
    });
  }

  /** Ends the process and waits until it is gone. */
  async close() {
    const gone = once(this.#child, "exit");
    await this.call("close");
    await gone;
  }
}
