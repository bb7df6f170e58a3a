import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errorOutput: string;
}

const LONGEST_RUN_MS = 15_000;

/** A Node process of its own, in the repository's folder, gone at the latest with its scope. */
export class ChildProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #output = "";
  #errorOutput = "";

  constructor(nodeArguments: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, nodeArguments, {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // One that hangs fails its test with what it has printed.
      timeout: LONGEST_RUN_MS,
      killSignal: "SIGKILL",
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#errorOutput += text));
    this.#child = child;
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        resolve({ code, output: this.#output, errorOutput: this.#errorOutput });
      });
    });
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** How it ends, by itself or after {@link ChildProgram.stop}. */
  get ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Resolves when the program has printed this. Rejects if it ends without. */
  async printed(text: string): Promise<void> {
    const { stdout } = this.#child;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (this.#output.includes(text)) resolve();
      };
      stdout?.on("data", look);
      look();
      void this.#ended.then((ended) => {
        reject(new Error(`it ended without "${text}": ${JSON.stringify(ended)}`));
      }, reject);
    });
  }

  /** Asks it to end, as a service manager does, or with "SIGINT" as Ctrl-C does. */
  stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<Ended> {
    this.#child.kill(signal);
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
