import type { Logger, LogMethod } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";

/** One entry of a log. */
export interface LogEntry {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what it is told. */
export class Logbook implements Logger {
  readonly entries = new Arrivals<LogEntry>("an entry of the log");
  readonly trace: LogMethod = this.#method("trace");
  readonly debug: LogMethod = this.#method("debug");
  readonly info: LogMethod = this.#method("info");
  readonly warn: LogMethod = this.#method("warn");
  readonly error: LogMethod = this.#method("error");

  /** The errors that were logged as such, in order. */
  get errors(): readonly unknown[] {
    return this.entries.all
      .filter(({ level }) => level === "error")
      .map(({ fields }) => fields["error"]);
  }

  #method(level: keyof Logger): LogMethod {
    return (fields, message) => {
      this.entries.push({ level, message, fields });
    };
  }
}
