import type { LogMethod, Logger } from "./logger.ts";

/** From which level on entries are printed. */
export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";

/** Every level, the quietest first. */
export const LOG_LEVELS: readonly LogLevel[] = ["silent", "error", "warn", "info", "debug"];

/** Where a runtime shows what is printed: Node, Bun and Deno have stderr, browsers a console. */
interface Surroundings {
  readonly process?: { readonly stderr?: { write?: (text: string) => unknown } };
  readonly console?: { error?: (text: string) => void };
}

const print = (text: string): void => {
  const { process, console }: Surroundings = globalThis;
  if (typeof process?.stderr?.write === "function") process.stderr.write(`${text}\n`);
  else console?.error?.(text);
};

const LONGEST_FIELD = 200;

/** One line for a value, whatever it is; an error has lines of its own below. */
const fieldText = (value: unknown): string => {
  if (value instanceof Error) return value.message;
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  // What peers send must not bring line breaks or escape sequences to a terminal.
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  return line.length > LONGEST_FIELD ? `${line.slice(0, LONGEST_FIELD)}…` : line;
};

const describe = (fields: Readonly<Record<string, unknown>>): string => {
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${fieldText(value)}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
};

/** Whether entries of a level are printed by who prints from `quietest` on. */
export const isPrinted = (level: string, quietest: LogLevel): boolean => {
  if (level === "trace") return quietest === "debug";
  const at = LOG_LEVELS.findIndex((each) => each === level);
  return at !== -1 && at <= LOG_LEVELS.indexOf(quietest);
};

const ignore: LogMethod = () => undefined;

/**
 * A logger that prints one line for each entry from a level on, and below it where an error happened.
 *
 * @param write - takes a text; default: stderr, or the console of a browser.
 */
export const createPrintingLogger = (
  level: Exclude<LogLevel, "silent">,
  write: (text: string) => void = print,
): Logger => {
  const method = (own: LogLevel): LogMethod => {
    if (!isPrinted(own, level)) return ignore;
    return (fields, message) => {
      const { error } = fields;
      const stack = error instanceof Error && own === "error" ? `\n${error.stack ?? ""}` : "";
      write(`gf-mqtt-client ${own}: ${message}${describe(fields)}${stack}`);
    };
  };
  return {
    trace: ignore,
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
  };
};
