import type { DeviceAnswer } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { Stopped } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { withClient } from "../connecting/with-client.ts";
import { isAnswered } from "../failures/answered-error.ts";
import { describeFailure } from "../failures/describe-failure.ts";
import { ExitStatus } from "../failures/exit-status.ts";
import { codeWithName, markByCode } from "../terminal/code-text.ts";
import { cutText } from "../terminal/cut-text.ts";
import { lineOf } from "../terminal/json-text.ts";
import type { Output } from "../terminal/output.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import { safeText } from "../terminal/safe-text.ts";
import { widthOf } from "../terminal/table.ts";
import { toThousandths } from "../thousandths.ts";
import type { Resource } from "./resource.ts";

/** Options of `ask`. */
export interface AskFlags extends ConnectionFlags, OutputFlags {
  readonly max?: number;
  readonly token?: string;
  readonly full?: boolean;
}

/** Who is asked for what. */
export interface AskedMany {
  /** Names of devices, or the one of a group. */
  readonly whom: { readonly group: string } | { readonly targets: readonly string[] };
  readonly resource: Resource;
}

/** A group's members are not known: a request to it goes on until this is over. */
const GROUP_TIMEOUT_MS = 2_000;
const SHORTEST_BODY = 20;
const GAP = "  ";

const codeOf = ({ response, error }: DeviceAnswer): number | undefined => {
  if (response !== undefined) return response.header.response_code;
  return isAnswered(error) ? error.responseCode : undefined;
};

const saidBy = (answer: DeviceAnswer): string => {
  const { response, error } = answer;
  if (response !== undefined) return response.body === undefined ? "" : lineOf(response.body);
  return isAnswered(error) ? lineOf(error.detail) : safeText(error.message);
};

const show = (
  output: Output,
  answer: DeviceAnswer,
  { elapsedMs, full }: { readonly elapsedMs: number; readonly full: boolean },
): void => {
  const { style, isTerminal, columns } = output;
  const code = codeOf(answer);
  const told =
    code === undefined ? style.bad("no answer") : markByCode(style, code, codeWithName(code));
  const head = `${safeText(answer.source)}  ${told}  ${style.dim(`${elapsedMs.toFixed(1)} ms`)}`;
  const said = saidBy(answer);
  const left = Math.max(SHORTEST_BODY, columns - widthOf(head) - GAP.length);
  output.line(`${head}${GAP}${isTerminal && !full ? cutText(said, left) : said}`.trimEnd());
};

const documentOf = (answer: DeviceAnswer, elapsedMs: number): unknown => ({
  source: answer.source,
  response: answer.response ?? null,
  elapsedMs: toThousandths(elapsedMs),
  error: answer.error === undefined ? null : describeFailure(answer.error),
});

const pluralOf = (count: number, word: string): string =>
  `${String(count)} ${word}${count === 1 ? "" : "s"}`;

/** Asks many devices the same, prints an answer a line as they come, then how many there were. */
export const askMany = (cli: Cli, { whom, resource }: AskedMany, flags: AskFlags): Promise<void> =>
  withClient(cli, flags, {
    use: async (client) => {
      const { max, token, json = false, quiet = false, full = false, timeout } = flags;
      const startedAt = performance.now();
      const counts = { answers: 0, errors: 0 };
      const timeoutMs = timeout ?? ("group" in whom ? GROUP_TIMEOUT_MS : undefined);
      const answers = client.requestMany({
        ...whom,
        ...resource,
        signal: cli.signal,
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(max !== undefined && { maxResponses: max }),
        ...(token !== undefined && { token }),
      });
      for await (const answer of answers) {
        const elapsedMs = performance.now() - startedAt;
        if (codeOf(answer) !== undefined) counts.answers += 1;
        if (answer.error !== undefined) counts.errors += 1;
        if (json) cli.output.line(JSON.stringify(documentOf(answer, elapsedMs)));
        else show(cli.output, answer, { elapsedMs, full });
      }
      if (!quiet && !json) {
        const took = `${((performance.now() - startedAt) / 1_000).toFixed(2)} s`;
        const failed = counts.errors === 0 ? "" : `, ${pluralOf(counts.errors, "error")}`;
        cli.errors.line(`${pluralOf(counts.answers, "answer")}${failed} in ${took}`);
      }
      if (counts.answers === 0) throw new Stopped("nobody answered", ExitStatus.NO_ANSWER);
    },
  });
