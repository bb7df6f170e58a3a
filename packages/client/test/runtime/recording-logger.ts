import type { Logger, LogMethod } from "../../src/runtime/logger.ts";

/** One call of a logger. */
export interface LogEntry {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that remembers what it was told. */
export const recordingLogger = (): { readonly logger: Logger; readonly entries: LogEntry[] } => {
  const entries: LogEntry[] = [];
  const method =
    (level: keyof Logger): LogMethod =>
    (fields, message) =>
      void entries.push({ level, message, fields });
  const logger: Logger = {
    trace: method("trace"),
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
  };
  return { logger, entries };
};
