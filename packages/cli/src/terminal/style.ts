import { createColors } from "picocolors";

import type { Style } from "./output.ts";

/** The marks of a terminal, or none. */
export const createStyle = (hasColours: boolean): Style => {
  const colours = createColors(hasColours);
  return {
    bold: colours.bold,
    dim: colours.dim,
    good: colours.green,
    bad: colours.red,
    warning: colours.yellow,
    name: colours.cyan,
  };
};

/** The variables of the environment that speak of colours. */
interface ColourVariables {
  readonly NO_COLOR?: string | undefined;
  readonly FORCE_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/** Whether to print in colours: on a terminal that has them, unless `NO_COLOR` says otherwise (no-color.org). */
export const wantsColours = (
  isTerminal: boolean,
  { NO_COLOR, FORCE_COLOR, TERM }: ColourVariables,
): boolean => {
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0";
  return isTerminal && TERM !== "dumb";
};
