import { isDeepStrictEqual } from "node:util";

import type { MQTTClient } from "gf-mqtt-client";
import { ResponseException } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { Stopped } from "../cli.ts";
import { withClient } from "../connecting/with-client.ts";
import { isAnswered } from "../failures/answered-error.ts";
import { CliFailure } from "../failures/cli-failure.ts";
import { ExitStatus } from "../failures/exit-status.ts";
import { pauseUntil } from "../requests/pause.ts";
import { codeWithName } from "../terminal/code-text.ts";
import { lineOf } from "../terminal/json-text.ts";
import { safeText } from "../terminal/safe-text.ts";
import type { RecordedExchange } from "./recorded-exchanges.ts";
import type { ReplayFlags } from "./replay-device.ts";

/** What a request was answered; no code: it was not. */
interface Answer {
  readonly code: number | undefined;
  readonly body: unknown;
  /** Why the request could not be sent. */
  readonly refusal?: string;
}

/** What was recorded is no request that this client sends: its method, its topic or its body is wrong. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  "INVALID_OPTION",
  "INVALID_PAYLOAD",
  "INVALID_TOPIC",
]);

/** Requests on their way at a time. */
const MOST_IN_FLIGHT = 64;

const ask = async (
  client: MQTTClient,
  { request }: RecordedExchange,
  { target, signal }: { readonly target: string | undefined; readonly signal: AbortSignal },
): Promise<Answer> => {
  const { subsystem, path = "", method = "GET", body } = request;
  try {
    const { header, body: answered } = await client.request({
      targetDeviceTag: target ?? request.target,
      subsystem,
      path,
      // What was recorded as a request has one; what it is, the client checks.
      method: method as "GET",
      signal,
      ...(body !== undefined && body !== null && { body }),
    });
    return { code: header.response_code, body: answered };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && "code" in error && REFUSALS.has(error.code)) {
      return { code: undefined, body: undefined, refusal: error.message };
    }
    if (isAnswered(error)) return { code: error.responseCode, body: error.response.body };
    if (error instanceof ResponseException) return { code: undefined, body: undefined };
    throw error;
  }
};

const textOf = ({ code, body, refusal }: Answer): string => {
  if (refusal !== undefined) return `not sent: ${safeText(refusal)}`;
  return code === undefined ? "no answer" : `${codeWithName(code)} ${lineOf(body ?? null)}`;
};

const isSame = (recorded: Answer, now: Answer): boolean =>
  now.refusal === undefined &&
  recorded.code === now.code &&
  isDeepStrictEqual(recorded.body ?? null, now.body ?? null);

const show = (
  { output }: Cli,
  { request }: RecordedExchange,
  { recorded, now, flags }: { recorded: Answer; now: Answer; flags: ReplayFlags },
): void => {
  const { target, subsystem, path = "", method = "" } = request;
  const { style } = output;
  const same = isSame(recorded, now);
  if (flags.json === true) {
    const asked = { target, subsystem, path, method };
    const answers = { recorded, now: { code: now.code ?? null, body: now.body ?? null } };
    output.line(JSON.stringify({ ...asked, ...answers, isSame: same }));
    return;
  }
  const what = safeText(`${method} ${target} ${subsystem}/${path}`);
  if (same) {
    if (flags.quiet !== true) output.line(`${style.good("✔")} ${what}`);
    return;
  }
  output.line(`${style.bad("✘")} ${what}`);
  output.line(style.bad(`  - ${textOf(recorded)}`));
  output.line(style.good(`  + ${textOf(now)}`));
};

/** Sends the requests at their times, and gives how many were answered otherwise than recorded. */
const sendAll = async (
  client: MQTTClient,
  cli: Cli,
  {
    exchanges,
    flags,
  }: { readonly exchanges: readonly RecordedExchange[]; readonly flags: ReplayFlags },
): Promise<number> => {
  const { speed, target } = flags;
  const firstAt = exchanges[0]?.request.at ?? 0;
  const startedAt = performance.now();
  const inFlight = new Set<Promise<void>>();
  let differing = 0;
  let failure: Error | undefined;
  const send = async (exchange: RecordedExchange): Promise<void> => {
    const now = await ask(client, exchange, { target, signal: cli.signal });
    const recorded = { code: exchange.response?.code, body: exchange.response?.body };
    if (!isSame(recorded, now)) differing += 1;
    show(cli, exchange, { recorded, now, flags });
  };
  for (const exchange of exchanges) {
    await pauseUntil(startedAt + (exchange.request.at - firstAt) / speed, cli.signal);
    if (inFlight.size >= MOST_IN_FLIGHT) await Promise.race(inFlight);
    if (failure !== undefined) break;
    const sending = send(exchange)
      .catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => inFlight.delete(sending));
    inFlight.add(sending);
  }
  await Promise.all(inFlight);
  if (failure !== undefined) throw failure;
  return differing;
};

/** Sends the requests of a recording again, and compares the answers. */
export const replayRequests = async (
  cli: Cli,
  exchanges: readonly RecordedExchange[],
  flags: ReplayFlags,
): Promise<void> => {
  const [first] = exchanges;
  if (first === undefined) {
    throw new CliFailure("the recording holds no requests", { hint: "record while somebody asks" });
  }
  const differing = await withClient(cli, flags, {
    use: (client) => sendAll(client, cli, { exchanges, flags }),
  });
  const { quiet = false, json = false } = flags;
  const sent = `${String(exchanges.length)} requests`;
  if (!quiet && !json) {
    cli.errors.line(
      differing === 0
        ? `${sent}, answered as recorded`
        : `${sent}, ${String(differing)} answered otherwise than recorded`,
    );
  }
  if (differing > 0) throw new Stopped("some answers differ", ExitStatus.FAILURE);
};
