import type { ResponsePayload } from "gf-mqtt-client";

import { codeWithName, markByCode } from "../terminal/code-text.ts";
import { jsonText, lineOf } from "../terminal/json-text.ts";
import type { Output } from "../terminal/output.ts";
import { safeText } from "../terminal/safe-text.ts";

/** How an answer is shown. */
export interface AnswerView {
  /** Code and header, too, where nobody watches. */
  readonly include: boolean;
  /** All of a long list. */
  readonly full: boolean;
  readonly quiet: boolean;
}

/** Items of a list that are shown unless all shall be. */
const MOST_ITEMS = 64;

/** A body alone: a text as it is, anything else as JSON. */
export const bodyText = (body: unknown): string =>
  typeof body === "string" ? body : JSON.stringify(body);

/** The header's fields that a person has not seen yet. */
const headerLines = (header: ResponsePayload["header"]): string[] =>
  Object.entries(header)
    .filter(([name]) => name !== "response_code")
    .map(
      ([name, value]) =>
        `${safeText(name)}: ${typeof value === "string" ? safeText(value) : lineOf(value)}`,
    );

const forProgram = (output: Output, { header, body }: ResponsePayload, view: AnswerView): void => {
  if (view.include) {
    const { response_code: code } = header;
    output.line(codeWithName(code));
    for (const line of headerLines(header)) output.line(line);
    output.line();
  }
  if (body !== undefined && body !== null) output.line(bodyText(body));
};

/** Shows an answer: to a person its code, how long it took and its body in colours; to a program the body alone. */
export const showAnswer = (
  output: Output,
  response: ResponsePayload,
  { elapsedMs, ...view }: AnswerView & { readonly elapsedMs: number },
): void => {
  if (!output.isTerminal) {
    forProgram(output, response, view);
    return;
  }
  const { line, style, columns } = output;
  const { header, body } = response;
  const { response_code: code, location } = header;
  if (!view.quiet) {
    const took = style.dim(`${elapsedMs.toFixed(1)} ms`);
    line(`${markByCode(style, code, codeWithName(code))}  ${took}`);
    if (view.include) for (const each of headerLines(header)) line(style.dim(each));
    else if (location !== undefined) line(`${style.dim("location:")} ${lineOf(location)}`);
  }
  if (body === undefined || body === null) return;
  line(jsonText(body, { columns, mostItems: view.full ? Infinity : MOST_ITEMS, style }));
};
