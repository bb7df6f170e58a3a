import process from "node:process";

import pc from "picocolors";

/** Where a command prints. */
export interface Output {
  /** Prints a line; none: an empty one. */
  readonly line: (text?: string) => void;
}

/** Prints to the standard output. */
export const standardOutput: Output = {
  line: (text = "") => {
    process.stdout.write(`${text}\n`);
  },
};

/** A heading between the parts of what is printed. */
export const heading = (text: string): string => pc.bold(text);

/** Text on a line of its own that is less important. */
export const aside = (text: string): string => pc.dim(text);

const BAD_CODE = 400;

/** A response code with its name, green or red. */
export const codeText = (code: number, name: string): string =>
  (code < BAD_CODE ? pc.green : pc.red)(`${String(code)} ${name}`);
