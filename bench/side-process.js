// @ts-check
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** @typedef {import("./sides/commands.js").Commands} Commands */
/** @typedef {import("./sides/commands.js").Answer} Answer */

/** Far beyond what any command takes: reaching it means that a response was lost. */
const ANSWER_LIMIT_MS = 180_000;
const CLOSE_LIMIT_MS = 5_000;

/** A process that plays one side of a benchmark and does what it is told over its IPC channel. */
export class SideProcess {
  #child;
  /** @type {Map<number, { resolve: (result: unknown) => void, reject: (error: Error) => void }>} */
  #calls = new Map();
  #nextId = 0;

  /** @param {import("node:child_process").ChildProcess} child @param {string} file */
  constructor(child, file) {
    this.#child = child;
    child.on("message", (message) => this.#settle(/** @type {Answer} */ (message)));
    child.once("exit", (code, signal) => {
      const error = new Error(`${file} ended (${signal ?? code}) before it answered`);
      for (const { reject } of this.#calls.values()) reject(error);
      this.#calls.clear();
    });
  }

  /**
   * Starts a process and waits until it is ready to be told.
   *
   * @param {string} file Below this folder.
   * @param {unknown} options What it finds in its arguments.
   * @param {readonly string[]} [nodeOptions] Such as `--expose-gc`.
   */
  static async start(file, options, nodeOptions = []) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const args = options === undefined ? [] : [JSON.stringify(options)];
    const child = fork(path, args, { execArgv: [...nodeOptions] });
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`${file} ended with code ${code} before it was ready`);
    });
    await Promise.race([once(child, "message"), ended]);
    // It ends one day, and then nobody waits for that promise.
    ended.catch(() => undefined);
    return new SideProcess(child, file);
  }

  /** @param {Answer} answer */
  #settle({ id, result, error }) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  }

  /**
   * Tells the process to do something and waits for the result.
   *
   * @template {keyof Commands} Name
   * @param {Name} command @param {Commands[Name]["argument"]} argument
   * @returns {Promise<Commands[Name]["result"]>}
   */
  async call(command, argument) {
    const id = this.#nextId;
    this.#nextId += 1;
    /** @type {NodeJS.Timeout | undefined} */
    let limit;
    try {
      return await new Promise((resolve, reject) => {
        limit = setTimeout(() => {
          reject(new Error(`no answer to "${command}" within ${ANSWER_LIMIT_MS} ms`));
        }, ANSWER_LIMIT_MS);
        this.#calls.set(id, {
          resolve: /** @param {any} result */ (result) => resolve(result),
          reject,
        });
        this.#child.send({ id, command, argument });
      });
    } finally {
      clearTimeout(limit);
      this.#calls.delete(id);
    }
  }

  /** Ends the process and waits until it is gone. */
  async close() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    const impatience = setTimeout(() => child.kill("SIGKILL"), CLOSE_LIMIT_MS);
    // It takes that for the word to end.
    if (child.connected) child.disconnect();
    await gone;
    clearTimeout(impatience);
  }
}
