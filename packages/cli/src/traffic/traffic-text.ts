import { codeWithName, markByCode } from "../terminal/code-text.ts";
import { cutText } from "../terminal/cut-text.ts";
import { lineOf } from "../terminal/json-text.ts";
import type { Style } from "../terminal/output.ts";
import { safeText } from "../terminal/safe-text.ts";
import { toThousandths } from "../thousandths.ts";
import type { Decoded } from "./decode-message.ts";
import type { TrafficEvent } from "./pairing.ts";

/** How an event is written. */
export interface TrafficTextOptions {
  readonly style: Style;
  /** Longer lines are cut; Infinity: none is. */
  readonly columns: number;
}

/** "13:05:09.123", local time. */
const timeText = (at: number): string => {
  const date = new Date(at);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
};

const resourceOf = ({ subsystem = "?", target = "?", path }: Decoded): string =>
  `${target} ${subsystem}${path === undefined ? "" : `/${path.replace(/^\//, "")}`}`;

const LONGEST_METHOD = 6;

/** Requests that break the rules are shown, too: it may be anything. */
const methodText = ({ method = "?" }: Decoded): string => safeText(method);

const bodyOf = ({ body }: Decoded): string => {
  if (body === undefined || body === null) return "";
  try {
    return lineOf(body);
  } catch {
    // Too deep to be written.
    return "(nested too deep to be shown)";
  }
};

interface Cell {
  readonly text: string;
  readonly mark: (text: string) => string;
}

const same = (text: string): string => text;

const codeCell = (style: Style, code: number | undefined): Cell =>
  code === undefined
    ? { text: "no code", mark: style.bad }
    : { text: codeWithName(code), mark: (text) => markByCode(style, code, text) };

const messageCells = (
  event: Extract<TrafficEvent, { event: "message" }>,
  style: Style,
): readonly Cell[] => {
  const { kind, topic, elapsedMs, type, target, subsystem, last, issues } = event;
  const body = { text: bodyOf(event), mark: same };
  const faults = issues.map((issue) => ({ text: `✘ ${safeText(issue)}`, mark: style.bad }));
  if (kind === "request") {
    const method = { text: `→ ${methodText(event).padEnd(LONGEST_METHOD)}`, mark: style.name };
    return [method, { text: safeText(resourceOf(event)), mark: style.bold }, body, ...faults];
  }
  if (kind === "response") {
    const took =
      elapsedMs === undefined
        ? { text: "its request was not seen", mark: style.warning }
        : { text: `${elapsedMs.toFixed(1)} ms`, mark: style.dim };
    const code = codeCell(style, event.code);
    const about = { text: safeText(resourceOf(event)), mark: same };
    return [{ ...code, text: `← ${code.text}` }, about, took, body, ...faults];
  }
  const isOurs = target !== undefined;
  const where = isOurs ? `${target} ${subsystem ?? ""} ${type ?? ""} ${last ?? ""}` : topic;
  const size = { text: `${String(event.payloadBytes)} bytes`, mark: style.dim };
  return [
    { text: `• ${safeText(where)}`, mark: same },
    kind === "general" ? body : size,
    ...faults,
    ...(event.retain ? [{ text: "retained", mark: style.dim }] : []),
  ];
};

/** Joins cells until the line is full; what does not fit is cut. */
const join = (cells: readonly Cell[], columns: number): string => {
  let left = columns;
  const parts: string[] = [];
  for (const { text, mark } of cells) {
    if (text === "") continue;
    if (left <= 2) break;
    const fitting = cutText(text, left);
    parts.push(mark(fitting));
    left -= fitting.length + 1;
  }
  return parts.join(" ");
};

/** A line for what was seen. */
export const trafficLine = (
  event: TrafficEvent,
  { style, columns }: TrafficTextOptions,
): string => {
  const time = { text: timeText(event.at), mark: style.dim };
  if (event.event === "message") return join([time, ...messageCells(event, style)], columns);
  const { request } = event;
  const asked = {
    text: `✘ ${methodText(request)} ${safeText(resourceOf(request))}`,
    mark: style.bad,
  };
  const waited = `no answer within ${String((event.at - request.at) / 1_000)} s`;
  return join([time, asked, { text: waited, mark: style.bad }], columns);
};

/** The fields that the documents of messages and of missing answers have in common; what is not known is null. */
const commonFields = ({ topic, target, subsystem, path, requestId }: Decoded): object => ({
  topic,
  target: target ?? null,
  subsystem: subsystem ?? null,
  path: path ?? null,
  requestId: requestId ?? null,
});

const messageDocument = (event: Extract<TrafficEvent, { event: "message" }>): object => {
  const { kind, at, request, elapsedMs, issues, code, source, retain, payloadBytes } = event;
  return {
    kind,
    at,
    ...commonFields(event),
    method: event.method ?? request?.method ?? null,
    code: code ?? null,
    source: source ?? null,
    requestAt: request?.at ?? null,
    elapsedMs: elapsedMs === undefined ? null : toThousandths(elapsedMs),
    retain,
    payloadBytes,
    issues,
    body: event.body ?? null,
  };
};

/** The same as a document for programs, on one line. */
export const trafficDocument = (event: TrafficEvent): string => {
  if (event.event === "unanswered") {
    const { at, request } = event;
    const { method = null, at: requestAt } = request;
    return JSON.stringify({ kind: "unanswered", at, ...commonFields(request), method, requestAt });
  }
  try {
    return JSON.stringify(messageDocument(event));
  } catch {
    // Its body is nested too deep to be written; an issue says so.
    return JSON.stringify(messageDocument({ ...event, body: null }));
  }
};
