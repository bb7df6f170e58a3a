import type { Output } from "./terminal/output.ts";

/** What a command has of the process that it runs in. */
export interface Cli {
  readonly output: Output;
  /** What is no result: messages, progress, questions. */
  readonly errors: Output;
  /** What is piped or typed in. */
  readonly input: Input;
  /** Fires when the command shall end: Ctrl-C, SIGTERM, or nobody reads what it prints. Its reason is a {@link Stopped}. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Standard input. */
export interface Input {
  readonly isTerminal: boolean;
  /** All of it. */
  readonly read: () => Promise<Uint8Array>;
  /** A line that is typed at the terminal and not shown there. */
  readonly askSecret: (question: string) => Promise<string>;
}

/** Ends a command with a status; nothing more is printed. */
export class Stopped extends Error {
  static {
    this.prototype.name = "Stopped";
  }
  /** 130 after Ctrl-C, 143 after SIGTERM, 0 where the reader has gone; that of an answer that has been shown. */
  readonly exitStatus: number;

  constructor(message: string, exitStatus: number) {
    super(message);
    this.exitStatus = exitStatus;
  }
}
