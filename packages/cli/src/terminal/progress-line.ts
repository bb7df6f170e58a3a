import type { Output } from "./output.ts";

const EVERY_MS = 200;
const CLEAR_LINE = "\r\u001B[K";

/** A line that is shown while something goes on. */
export interface Progress {
  /** Takes it away until its next change, so that something else can be printed. */
  readonly clear: () => void;
  /** Takes it away for good. */
  readonly stop: () => void;
}

const NOTHING: Progress = { clear: () => {}, stop: () => {} };

/** Shows a line at the terminal that changes, until it is stopped; nothing where nobody watches. */
export const showProgress = (
  { isTerminal, write, columns }: Output,
  text: () => string,
): Progress => {
  if (!isTerminal) return NOTHING;
  const clear = (): void => {
    write(CLEAR_LINE);
  };
  const timer = setInterval(() => {
    write(CLEAR_LINE + text().slice(0, columns - 1));
  }, EVERY_MS);
  return {
    clear,
    stop: () => {
      clearInterval(timer);
      clear();
    },
  };
};
