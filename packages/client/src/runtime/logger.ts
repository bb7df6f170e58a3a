/** One log call: the fields first, then a fixed sentence. */
export type LogMethod = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/**
 * Where the client writes what it notices: pino and its like fit as they are.
 * Never carries payloads or secrets.
 */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

const LEVELS = ["trace", "debug", "info", "warn", "error"] as const;

/** Whether `value` can serve as a {@link Logger}. */
export const isLogger = (value: unknown): value is Logger =>
  typeof value === "object" &&
  value !== null &&
  LEVELS.every((level) => typeof (value as Record<string, unknown>)[level] === "function");

/** The same logger, but one that cannot throw: a broken log sink must not stop the message flow. */
export const guardLogger = (logger: Logger): Logger => {
  const guard =
    (level: (typeof LEVELS)[number]): LogMethod =>
    (fields, message) => {
      try {
        logger[level](fields, message);
      } catch {
        // Nothing left to report it to.
      }
    };
  return {
    trace: guard("trace"),
    debug: guard("debug"),
    info: guard("info"),
    warn: guard("warn"),
    error: guard("error"),
  };
};
