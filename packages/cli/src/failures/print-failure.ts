import type { Output } from "../terminal/output.ts";
import { describeFailure } from "./describe-failure.ts";

/** Prints what went wrong, and what to do next. */
export const printFailure = ({ line, style }: Output, error: unknown): void => {
  const { message, hint } = describeFailure(error);
  line(`${style.bad("✘")} ${message}`);
  if (hint !== null) line(`  ${style.dim("→")} ${hint}`);
};
