import { Stopped } from "../cli.ts";
import { CliFailure } from "./cli-failure.ts";
import { ExitStatus } from "./exit-status.ts";

/** What is printed of an error, and with which status the command exits. */
export interface Failure {
  readonly exitStatus: number;
  /** The error's code, where it has one: "NOT_FOUND", "CONNECTION_FAILED". */
  readonly code: string | null;
  readonly message: string;
  /** What to do next. */
  readonly hint: string | null;
}

/** Fields of the library's errors. The library itself is not loaded: not every command needs it. */
interface LibraryError extends Error {
  readonly code?: unknown;
  readonly hint?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
}

const STATUS_OF_CODE: Readonly<Record<string, ExitStatus>> = {
  CONNECTION_FAILED: ExitStatus.NO_CONNECTION,
  NOT_CONNECTED: ExitStatus.NO_CONNECTION,
  CLIENT_CLOSED: ExitStatus.NO_CONNECTION,
  LINK_LOST: ExitStatus.NO_CONNECTION,
  INVALID_OPTION: ExitStatus.USAGE,
  UNKNOWN_OPTION: ExitStatus.USAGE,
  INVALID_TOPIC: ExitStatus.USAGE,
};
const FIRST_SERVER_CODE = 500;

const statusOf = ({ code, responseCode, response }: LibraryError): ExitStatus => {
  const status = typeof code === "string" ? STATUS_OF_CODE[code] : undefined;
  if (status !== undefined) return status;
  if (typeof responseCode !== "number") return ExitStatus.FAILURE;
  // 503 and 504 without a response: the client says so, not the device.
  if (response === undefined) return ExitStatus.NO_ANSWER;
  return responseCode < FIRST_SERVER_CODE ? ExitStatus.CLIENT_ERROR : ExitStatus.SERVER_ERROR;
};

/** Texts of the library end with the hint; it is printed on a line of its own. */
const withoutHint = (message: string, hint: string | undefined): string =>
  hint !== undefined && message.endsWith(`; ${hint}`)
    ? message.slice(0, -`; ${hint}`.length)
    : message;

/** Reads an error, whatever it is. */
export const describeFailure = (error: unknown): Failure => {
  if (error instanceof Stopped) {
    const { exitStatus, message } = error;
    return { exitStatus, code: "STOPPED", message, hint: null };
  }
  if (error instanceof CliFailure) {
    const { exitStatus, message, hint } = error;
    const code = exitStatus === ExitStatus.USAGE ? "USAGE" : null;
    return { exitStatus, code, message, hint: hint ?? null };
  }
  if (!(error instanceof Error)) {
    return {
      exitStatus: ExitStatus.FAILURE,
      code: null,
      message: String(error),
      hint: null,
    };
  }
  const known: LibraryError = error;
  const hint = typeof known.hint === "string" ? known.hint : undefined;
  return {
    exitStatus: statusOf(known),
    code: typeof known.code === "string" ? known.code : null,
    message: withoutHint(error.message, hint),
    hint: hint ?? null,
  };
};
