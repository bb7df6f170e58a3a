import type { Output } from "../terminal/output.ts";

const EVERY_MS = 200;
const CLEAR_LINE = "\r\u001B[K";

/** A line that is shown while something goes on. */
interface Progress {
  /** Takes it away. */
  readonly stop: () => void;
}

/** Shows a line at the terminal that changes, until it is stopped; nothing where nobody watches. */
export const showProgress = (
  { isTerminal, write, columns }: Output,
  text: () => string,
): Progress => {
  if (!isTerminal) return { stop: () => {} };
  const timer = setInterval(() => {
    write(CLEAR_LINE + text().slice(0, columns - 1));
  }, EVERY_MS);
  return {
    stop: (): void => {
      clearInterval(timer);
      write(CLEAR_LINE);
    },
  };
};
