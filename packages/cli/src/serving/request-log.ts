import { TopicManager } from "gf-mqtt-client";
import type { Logger } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { warningsBesideLink } from "../connecting/show-link.ts";
import { codeWithName, markByCode } from "../terminal/code-text.ts";
import type { Output } from "../terminal/output.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import { safeText } from "../terminal/safe-text.ts";
import { toThousandths } from "../thousandths.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A request that a device has got, until it is answered. */
interface OpenRequest {
  readonly method: string;
  readonly resource: string;
  readonly startedAt: number;
}

/** Requests that have not been answered are remembered up to so many. */
const MOST_OPEN = 10_000;

const textOf = (value: unknown): string => (typeof value === "string" ? value : String(value));

const topics = new TopicManager();

/** The subsystem in a topic of the library's, whatever its namespace. */
const subsystemOf = (topic: unknown): string => topics.getParts(textOf(topic))?.subsystem ?? "";

/** A request that has been answered. */
interface AnsweredRequest extends OpenRequest {
  readonly requestId: unknown;
  readonly code: number;
}

const documentLine = ({
  method,
  resource,
  requestId,
  code,
  startedAt,
}: AnsweredRequest): string => {
  const elapsedMs = toThousandths(performance.now() - startedAt);
  const at = new Date().toISOString();
  return JSON.stringify({ at, method, resource, requestId, code, elapsedMs });
};

const lineFor = (
  { style }: Output,
  { method, resource, code, startedAt }: AnsweredRequest,
): string => {
  const time = style.dim(new Date().toTimeString().slice(0, 8));
  const told = markByCode(style, code, codeWithName(code));
  const took = style.dim(`${(performance.now() - startedAt).toFixed(1)} ms`);
  return `${time}  ${safeText(method).padEnd(6)} ${safeText(resource)}  ${told}  ${took}`;
};

/** Prints a line for each request that the device has answered, from what the library logs, and what it warns of. */
export const createRequestLog = (
  { output, errors }: Pick<Cli, "output" | "errors">,
  { json = false, quiet = false }: OutputFlags,
): Logger => {
  const open = new Map<string, OpenRequest>();
  const received = ({ topic, requestId, method, path }: Fields): void => {
    const resource = `${subsystemOf(topic)}/${textOf(path)}`;
    open.set(textOf(requestId), {
      method: textOf(method),
      resource,
      startedAt: performance.now(),
    });
    const [oldest] = open.keys();
    if (open.size > MOST_OPEN && oldest !== undefined) open.delete(oldest);
  };
  const answered = ({ requestId, code }: Fields): void => {
    const request = open.get(textOf(requestId));
    if (request === undefined || typeof code !== "number") return;
    open.delete(textOf(requestId));
    const full = { ...request, requestId, code };
    output.line(json ? documentLine(full) : lineFor(output, full));
  };
  return {
    ...warningsBesideLink({ errors }),
    debug: (fields, message) => {
      if (quiet) return;
      if (message === "received a request") received(fields);
      else if (message === "sending a response") answered(fields);
    },
  };
};
