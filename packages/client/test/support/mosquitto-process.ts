import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 3_000;
const STOP_REMINDER_MS = 150;
const READY = /mosquitto version \S+ running/;
const PORT_TAKEN = /Address (?:already )?in use/i;

/** Mosquitto ended, or said nothing for 10 s, instead of running; the message holds its log. */
export class MosquittoStartError extends Error {
  static {
    this.prototype.name = "MosquittoStartError";
  }
  /** Whether another process holds the port. */
  readonly portTaken: boolean;

  constructor(log: string) {
    super(`mosquitto did not start; its log:\n${log}`);
    this.portTaken = PORT_TAKEN.test(log);
  }
}

/** One run of Mosquitto, from "running" to its end. */
export class MosquittoProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = hasEnded(child) ? Promise.resolve() : once(child, "exit");
  }

  /**
   * Starts Mosquitto and waits until it listens.
   *
   * @throws {MosquittoStartError} it ends instead, or says nothing for 10 s.
   */
  static async start(program: string, configFile: string): Promise<MosquittoProcess> {
    const child = spawn(program, ["-c", configFile], { stdio: ["ignore", "ignore", "pipe"] });
    // A test run that ends early must not leave brokers behind.
    const killChild = (): void => void child.kill("SIGKILL");
    process.on("exit", killChild);
    child.once("exit", () => process.off("exit", killChild));
    await running(child);
    return new MosquittoProcess(child);
  }

  /** Asks it to end (SIGTERM) and waits; kills it after 3 s. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    // A signal that comes between its "running" and its main loop is forgotten.
    const reminder = setInterval(() => this.#child.kill("SIGTERM"), STOP_REMINDER_MS);
    const impatience = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#ended;
    clearInterval(reminder);
    clearTimeout(impatience);
  }

  /** Ends it without a chance to say goodbye (SIGKILL) and waits. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function running(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const fail = (reason: string): void => {
      clearTimeout(deadline);
      child.kill("SIGKILL");
      reject(new MosquittoStartError(`${log}${reason}`));
    };
    const deadline = setTimeout(fail, START_TIMEOUT_MS, `silent for ${START_TIMEOUT_MS} ms`);
    child.once("error", (error) => fail(error.message));
    child.once("close", (code) => fail(`ended with code ${code}`));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (!READY.test(log)) return;
      clearTimeout(deadline);
      // Goes on reading, since a full pipe would stop the broker, but forgets.
      log = "";
      child.stderr?.removeAllListeners("data").resume();
      resolve();
    });
  });
}
