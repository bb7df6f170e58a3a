import { ExitStatus } from "./exit-status.ts";

/** What a {@link CliFailure} tells beside its message. */
export interface CliFailureOptions {
  /** Default: 1. */
  readonly exitStatus?: ExitStatus;
  /** What to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A command could not do what it was told; printed as it is, without a stack. */
export class CliFailure extends Error {
  static {
    this.prototype.name = "CliFailure";
  }
  readonly exitStatus: ExitStatus;
  readonly hint: string | undefined;

  constructor(message: string, options: CliFailureOptions = {}) {
    const { exitStatus = ExitStatus.FAILURE, hint, cause } = options;
    super(message, { cause });
    this.exitStatus = exitStatus;
    this.hint = hint;
  }
}

/** The command line is wrong: exit status 2. */
export class UsageFailure extends CliFailure {
  static {
    this.prototype.name = "UsageFailure";
  }

  constructor(message: string, hint?: string) {
    super(message, { exitStatus: ExitStatus.USAGE, ...(hint !== undefined && { hint }) });
  }
}
