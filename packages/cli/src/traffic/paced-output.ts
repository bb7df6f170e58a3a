import type { Output } from "../terminal/output.ts";

/** Nobody reads more lines than that in a second on a terminal. */
const MOST_LINES = 500;
const WINDOW_MS = 1_000;

/** Prints lines, on a terminal at most so many a second; says how many it left out. */
export class PacedOutput {
  readonly #output: Output;
  readonly #now: () => number;
  #windowEnds = -Infinity;
  #printed = 0;
  #leftOut = 0;

  /** @param now - ms of a clock that never goes back. */
  constructor(output: Output, now: () => number) {
    this.#output = output;
    this.#now = now;
  }

  line(text: string): void {
    if (!this.#output.isTerminal) {
      this.#output.line(text);
      return;
    }
    const now = this.#now();
    if (now >= this.#windowEnds) {
      this.tellLeftOut();
      this.#windowEnds = now + WINDOW_MS;
      this.#printed = 0;
    }
    if (this.#printed >= MOST_LINES) {
      this.#leftOut += 1;
      return;
    }
    this.#printed += 1;
    this.#output.line(text);
  }

  /** Says how many were left out since the last time. */
  tellLeftOut(): void {
    if (this.#leftOut === 0) return;
    const { style } = this.#output;
    this.#output.line(
      style.warning(`… ${String(this.#leftOut)} lines left out: more than can be read`),
    );
    this.#leftOut = 0;
  }
}
