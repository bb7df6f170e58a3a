import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Output } from "../../src/terminal/output.ts";
import { showProgress } from "../../src/terminal/progress-line.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const same = (text: string): string => text;

const terminal = (isTerminal: boolean): { output: Output; written: string[] } => {
  const written: string[] = [];
  const output: Output = {
    line: (text = "") => void written.push(text),
    write: (text) => void written.push(String(text)),
    isTerminal,
    columns: 11,
    rows: 24,
    style: { bold: same, dim: same, good: same, bad: same, warning: same, name: same },
  };
  return { output, written };
};

const CLEAR = "\r\u001B[K";

test("a line is drawn anew, no longer than the terminal is wide, and taken away", () => {
  const { output, written } = terminal(true);
  let count = 0;
  const progress = showProgress(output, () => `${String((count += 1))} of many requests`);
  vi.advanceTimersByTime(400);
  expect(written).toEqual([`${CLEAR}1 of many `, `${CLEAR}2 of many `]);
  progress.stop();
  vi.advanceTimersByTime(1_000);
  expect(written.slice(2)).toEqual([CLEAR]);
});

test("where nobody watches, nothing is written", () => {
  const { output, written } = terminal(false);
  const progress = showProgress(output, () => "working");
  vi.advanceTimersByTime(1_000);
  progress.clear();
  progress.stop();
  expect(written).toEqual([]);
});
