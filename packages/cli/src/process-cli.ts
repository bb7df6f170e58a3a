import process from "node:process";
import type { WriteStream } from "node:tty";

import type { Cli, Input } from "./cli.ts";
import { Stopped } from "./cli.ts";
import { ExitStatus } from "./failures/exit-status.ts";
import type { Output } from "./terminal/output.ts";
import { createStyle, wantsColours } from "./terminal/style.ts";

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const SIGTERM_STATUS = 143;

/** `isTTY` is undefined where it is none. */
const isTerminalStream = (stream: { readonly isTTY?: boolean }): boolean => stream.isTTY === true;

const outputTo = (stream: WriteStream): Output => {
  const isTerminal = isTerminalStream(stream);
  return {
    line: (text = "") => {
      stream.write(`${text}\n`);
    },
    write: (text) => {
      stream.write(text);
    },
    isTerminal,
    get columns() {
      return (isTerminal && stream.columns) || DEFAULT_COLUMNS;
    },
    get rows() {
      return (isTerminal && stream.rows) || DEFAULT_ROWS;
    },
    style: createStyle(wantsColours(isTerminal, process.env)),
  };
};

const readAll = async (): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
};

const standardInput: Input = {
  isTerminal: isTerminalStream(process.stdin),
  read: readAll,
  askSecret: async (question) => (await import("./terminal/secret.ts")).askSecret(question),
};

/** Fires at Ctrl-C, SIGTERM, or when nobody reads what is printed; a second Ctrl-C ends the process at once. */
const stopSignal = (): AbortSignal => {
  const controller = new AbortController();
  const stop = (reason: Stopped): void => {
    if (controller.signal.aborted) process.exit(reason.exitStatus);
    controller.abort(reason);
  };
  process.on("SIGINT", () => {
    stop(new Stopped("ended by Ctrl-C", ExitStatus.INTERRUPTED));
  });
  process.on("SIGTERM", () => {
    stop(new Stopped("ended by SIGTERM", SIGTERM_STATUS));
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      // `| head` has read enough. More of these follow, with all that is printed until the end.
      if (!controller.signal.aborted) stop(new Stopped("nobody reads on", ExitStatus.OK));
    });
  }
  return controller.signal;
};

/** The process itself. */
export const processCli = (): Cli => ({
  output: outputTo(process.stdout),
  errors: outputTo(process.stderr),
  input: standardInput,
  signal: stopSignal(),
  environment: process.env,
});
