/** `unknown`: it cannot be told, or there is nothing to be told. */
export type FindingStatus = "ok" | "failed" | "unknown";

/** What a check has found. */
export interface Verdict {
  readonly status: FindingStatus;
  /** What is so, in one line. */
  readonly text: string;
  /** What to do. */
  readonly advice?: string;
  /** Numbers and names that programs may want. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A part of the report. */
export type Group =
  | "Address"
  | "TLS"
  | "Login"
  | "Limits"
  | "Rights"
  | "Round trips"
  | "Features"
  | "Device";

/** The verdict on one thing. */
export interface Finding extends Verdict {
  /** Stable. */
  readonly id: string;
  readonly group: Group;
  readonly title: string;
}

type Data = Verdict["data"];

export const ok = (text: string, data?: Data): Verdict => ({
  status: "ok",
  text,
  ...(data !== undefined && { data }),
});

export const failed = (text: string, advice: string, data?: Data): Verdict => ({
  status: "failed",
  text,
  advice,
  ...(data !== undefined && { data }),
});

export const unknown = (text: string, advice?: string): Verdict => ({
  status: "unknown",
  text,
  ...(advice !== undefined && { advice }),
});

/** Something that another check tells of stands in the way. */
export class NotTold extends Error {
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}
