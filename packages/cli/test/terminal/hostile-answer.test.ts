import { expect, test } from "vitest";

import { showAnswer } from "../../src/requests/present.ts";
import { seriesOf, showSeries } from "../../src/requests/series.ts";
import type { Output } from "../../src/terminal/output.ts";
import { createStyle } from "../../src/terminal/style.ts";

const EVIL = "\u001B[2J\u009B2J\u202E";
/** All but the end of a line. */
const UNSAFE = /(?!\n)[\p{Cc}\u202E]/u;

/** A terminal without colours, and what is printed there. */
const terminal = (): Output & { readonly lines: string[] } => {
  const lines: string[] = [];
  return {
    lines,
    line: (text = "") => {
      lines.push(text);
    },
    write: (text) => {
      lines.push(String(text));
    },
    isTerminal: true,
    columns: 80,
    rows: 24,
    style: createStyle(false),
  };
};

test("an answer moves no cursor, whatever its header and its body hold", () => {
  const output = terminal();
  const response = {
    header: { response_code: 205, path: EVIL, request_id: EVIL, [EVIL]: [EVIL] },
    body: { [EVIL]: [EVIL, { [EVIL]: 1 }] },
    timestamp: 1,
  } as const;
  for (const include of [true, false]) {
    showAnswer(output, response, { include, full: true, quiet: false, elapsedMs: 1 });
  }
  expect(output.lines.join(" ")).not.toMatch(UNSAFE);
});

test("neither does the name or the unit of what is drawn", () => {
  const output = terminal();
  showSeries(
    output,
    seriesOf({ metrics: [{ name: EVIL, data: [1], properties: { unit: EVIL } }] }),
  );
  expect(output.lines[0]).toMatch(/^\\u001b\[2J/);
  expect(output.lines.join(" ")).not.toMatch(UNSAFE);
});
