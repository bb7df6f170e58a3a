import type { LogMethod, Logger } from "../runtime/logger.ts";
import { isPrinted } from "../runtime/printing-logger.ts";
import type { LogLevel as PrintedLevel } from "../runtime/printing-logger.ts";
import type { LogLevel, ToCaller } from "./messages.ts";
import { pack } from "./serialized.ts";
import type { SharedCells } from "./shared-cells.ts";

/** Entries that may wait for the caller's thread, which may be busy with something else for long. */
const MOST_WAITING = 1_000;

/** How a logger reaches the caller's thread. */
export interface RemoteLoggerOptions {
  readonly cells: SharedCells;
  readonly post: (message: ToCaller) => void;
  /** The quietest entries that anybody sees there; others do not cross. */
  readonly level: PrintedLevel;
}

/** A logger whose entries are written on the caller's thread. Beyond a bound they are dropped, and counted. */
export const createRemoteLogger = ({
  cells,
  post,
  level: quietest,
}: RemoteLoggerOptions): Logger => {
  let posted = cells.logsTaken;
  let dropped = 0;
  // The other thread counts with 32 bits, so it starts over some time; so does the difference.
  const waiting = (): number => (posted - cells.logsTaken) | 0;
  const write = (
    level: LogLevel,
    fields: Readonly<Record<string, unknown>>,
    text: string,
  ): void => {
    posted += 1;
    post({ type: "log", level, fields: pack(fields), text });
  };
  const method = (level: LogLevel): LogMethod => {
    if (!isPrinted(level, quietest)) return () => undefined;
    return (fields, text) => {
      if (waiting() >= MOST_WAITING) {
        dropped += 1;
        return;
      }
      if (dropped > 0) write("warn", { dropped }, "log entries were dropped: too many waited");
      dropped = 0;
      write(level, fields, text);
    };
  };
  return {
    trace: method("trace"),
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
  };
};
