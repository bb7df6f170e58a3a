import { writeFile } from "node:fs/promises";

import type { MQTTClient, ResponsePayload } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { Stopped } from "../cli.ts";
import { rememberDevices } from "../completion/device-cache.ts";
import type { HeardOf } from "../completion/device-cache.ts";
import { clientOptions, withClient } from "../connecting/with-client.ts";
import { isAnswered } from "../failures/answered-error.ts";
import { CliFailure } from "../failures/cli-failure.ts";
import { describeFailure } from "../failures/describe-failure.ts";
import { printFailure } from "../failures/print-failure.ts";
import { toThousandths } from "../thousandths.ts";
import { nextDue, pauseUntil } from "./pause.ts";
import { bodyText, showAnswer } from "./present.ts";
import { readBody } from "./request-body.ts";
import type { AskedRequest } from "./request-flags.ts";
import { seriesOf, showSeries } from "./series.ts";
import { showCommand } from "./show-command.ts";

const DEFAULT_EVERY_MS = 1_000;

/** How a request ended. */
interface Outcome {
  readonly response: ResponsePayload | undefined;
  readonly elapsedMs: number;
  /** What `request()` threw. */
  readonly error: unknown;
}

const send = async (
  client: MQTTClient,
  { method, target, resource, flags }: AskedRequest,
  { body, signal }: { readonly body: unknown; readonly signal: AbortSignal },
): Promise<Outcome> => {
  const { token, correlationId, retry } = flags;
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  try {
    const response = await client.request({
      targetDeviceTag: target,
      ...resource,
      method,
      signal,
      ...(body !== undefined && { body }),
      ...(token !== undefined && { token }),
      ...(correlationId !== undefined && { correlationId }),
      ...(retry !== undefined && { retry }),
    });
    return { response, elapsedMs: elapsed(), error: undefined };
  } catch (error) {
    if (signal.aborted) throw error;
    const response = isAnswered(error) ? error.response : undefined;
    return { response, elapsedMs: elapsed(), error };
  }
};

/** The document of `--json`. */
const documentOf = (
  { method, target, resource }: AskedRequest,
  { response, elapsedMs, error }: Outcome,
): unknown => ({
  request: { target, ...resource, method },
  response: response ?? null,
  elapsedMs: toThousandths(elapsedMs),
  error: error === undefined ? null : describeFailure(error),
});

const writeBody = async (cli: Cli, file: string, { body }: ResponsePayload): Promise<void> => {
  const text = body === undefined ? "" : bodyText(body);
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliFailure(`cannot write the body: ${String(error)}`, { cause: error });
  }
  const bytes = Buffer.byteLength(text);
  cli.errors.line(`${file}: ${String(bytes)} bytes`);
};

const plot = (cli: Cli, { body }: ResponsePayload): void => {
  const series = seriesOf(body);
  if (series.length > 0) showSeries(cli.output, series);
  else cli.errors.line("there are no numbers in the body that could be drawn");
};

const show = async (cli: Cli, asked: AskedRequest, outcome: Outcome): Promise<void> => {
  const { response, elapsedMs, error } = outcome;
  const { json = false, quiet = false, include = false, full = false } = asked.flags;
  if (json) {
    cli.output.line(JSON.stringify(documentOf(asked, outcome)));
    return;
  }
  if (error === undefined && response !== undefined) {
    const { output, plot: isPlotted = false } = asked.flags;
    if (output !== undefined) await writeBody(cli, output, response);
    else if (isPlotted) plot(cli, response);
    else showAnswer(cli.output, response, { include, full, quiet, elapsedMs });
    return;
  }
  if (response !== undefined) {
    showAnswer(cli.output, response, { include, full, quiet, elapsedMs });
    if (cli.output.isTerminal) return;
  }
  printFailure(cli.errors, error);
};

const heardOf = ({ target, resource: { subsystem, path } }: AskedRequest): HeardOf => ({
  target,
  resources: [`${subsystem}/${path}`],
});

/** Asks once, or again and again; the exit status is that of the first request that failed. */
const askRepeatedly = async (
  client: MQTTClient,
  cli: Cli,
  { asked, body }: { readonly asked: AskedRequest; readonly body: unknown },
): Promise<void> => {
  const { repeat, every } = asked.flags;
  const times = repeat ?? (every === undefined ? 1 : Infinity);
  let due = performance.now();
  let exitStatus = 0;
  for (let count = 1; count <= times; count += 1) {
    const outcome = await send(client, asked, { body, signal: cli.signal });
    await show(cli, asked, outcome);
    if (outcome.error === undefined && count === 1) await rememberDevices(cli, [heardOf(asked)]);
    if (outcome.error !== undefined) exitStatus ||= describeFailure(outcome.error).exitStatus;
    if (count === times) break;
    due = nextDue({ due, every: every ?? DEFAULT_EVERY_MS }, performance.now());
    await pauseUntil(due, cli.signal);
  }
  if (exitStatus !== 0) throw new Stopped("not every request was answered well", exitStatus);
};

/** Does what `get`, `put`, `post` or `delete` was told. */
export const runRequest = async (cli: Cli, asked: AskedRequest): Promise<void> => {
  const { flags, words } = asked;
  const body = await readBody({ words, isText: flags.text === true }, cli.input);
  if (flags.showCommand === true) {
    const { broker, namespace } = await clientOptions(cli, flags);
    showCommand(cli, asked, { broker, namespace, body });
    return;
  }
  await withClient(cli, flags, { use: (client) => askRepeatedly(client, cli, { asked, body }) });
};
