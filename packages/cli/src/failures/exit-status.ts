/** With which status `gf-mqtt` exits. */
export const ExitStatus = {
  OK: 0,
  /** Something that the others do not name, a check that failed for instance. */
  FAILURE: 1,
  /** The command line was wrong. */
  USAGE: 2,
  /** Answered with 4xx. */
  CLIENT_ERROR: 4,
  /** Answered with 5xx. */
  SERVER_ERROR: 5,
  /** Nothing answered in time. */
  NO_ANSWER: 6,
  /** No connection to the broker. */
  NO_CONNECTION: 7,
  /** Ctrl-C. */
  INTERRUPTED: 130,
} as const;
/** One of them. */
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];
