import { ChildProgram } from "../../../packages/client/test/support/child-program.ts";
import type { Printer } from "./printed.ts";
import { SAMPLE_HOST } from "./stage.ts";

/** A program that blocks its thread. */
export interface BlockingStart {
  /** Its snippets, see `scriptOf()`. */
  readonly script: string;
  /** Where it stands. */
  readonly filename: string;
  readonly brokerUrl: string;
  /** Whether it goes on until it is stopped. */
  readonly keepsRunning: boolean;
}

/** What `blocking-process.js` tells in lines that begin with NUL. */
const STANDS = "\0stands\n";
const ENDS = "\0ends";
const ENDS_CONNECTED = "\0ends, connected\n";

/** Prints what a program has printed, each of its snippets for itself. */
const printOutput = (output: string, printer: Printer): void => {
  const [, ...pieces] = output.split("\0line ");
  for (const piece of pieces) {
    const [line, ...printed] = piece.split("\n");
    printer.startSnippet(Number(line));
    printer.print(printed.filter((text) => !text.startsWith("\0")).join("\n"));
  }
};

/** Programs that block their thread, each in a process of its own, gone at the latest with this. */
export class BlockingPrograms implements AsyncDisposable {
  readonly #children: ChildProgram[] = [];

  /**
   * Starts a program; resolves when it has come to its end or, if it keeps running, to where it only waits or
   * serves. Gives whether it has left a client connected.
   */
  async play({ keepsRunning, ...start }: BlockingStart): Promise<boolean> {
    const given = JSON.stringify({ ...start, sampleHost: SAMPLE_HOST });
    const child = new ChildProgram(["docs/test/support/blocking-process.js", given]);
    this.#children.push(child);
    await child.printed(keepsRunning ? STANDS : ENDS);
    if (keepsRunning || child.output.includes(ENDS_CONNECTED)) return true;
    await child.ended;
    return false;
  }

  /** Stops those that still run, and prints what all of them have printed. */
  async finish(printer: Printer): Promise<void> {
    for (const child of this.#children) {
      const { output, errorOutput } = await child.stop();
      if (errorOutput !== "") throw new Error(errorOutput);
      printOutput(output, printer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => child[Symbol.asyncDispose]()));
  }
}
