import type { Output } from "../terminal/output.ts";
import { safeText } from "../terminal/safe-text.ts";
import { describeFailure } from "./describe-failure.ts";

/** Prints what went wrong, and what to do next. */
export const printFailure = ({ line, style }: Output, error: unknown): void => {
  const { message, hint } = describeFailure(error);
  line(`${style.bad("✘")} ${safeText(message)}`);
  if (hint !== null) line(`  ${style.dim("→")} ${safeText(hint)}`);
};
