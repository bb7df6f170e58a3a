import { setMaxListeners } from "node:events";

import type { MQTTClient } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { Stopped } from "../cli.ts";
import { clientOptions, useClient } from "../connecting/with-client.ts";
import { isAnswered } from "../failures/answered-error.ts";
import { describeFailure } from "../failures/describe-failure.ts";
import type { Resource } from "../requests/resource.ts";
import { showProgress } from "../terminal/progress-line.ts";
import { safeText } from "../terminal/safe-text.ts";
import type { BenchFlags, BenchRequest } from "./bench-flags.ts";
import { planOf, requestOf } from "./bench-flags.ts";
import { loadReport, progressText } from "./load-report.ts";
import { runLoad } from "./load-run.ts";
import type { LoadPlan } from "./load-run.ts";
import { summarize } from "./load-summary.ts";
import type { LoadSummary } from "./load-summary.ts";
import { LoadTally } from "./load-tally.ts";
import type { ReadFailure } from "./load-tally.ts";
import { startOwnDevice } from "./own-device.ts";
import { systemClock } from "./system-clock.ts";

/** Whom to ask for what. */
export interface BenchTarget extends Resource {
  readonly target: string;
}

/** Errors are of one kind that have the same code, and where a device answered with it, the same code of that. */
const readFailure: ReadFailure = (error) => {
  const { code, message, hint, exitStatus } = describeFailure(error);
  const name = code ?? "ERROR";
  const kind = isAnswered(error) ? `${name} ${String(error.responseCode)}` : name;
  return { kind, message: safeText(message), hint, exitStatus };
};

type Send = (signal: AbortSignal) => Promise<void>;

const senderTo =
  (client: MQTTClient, asked: BenchTarget, request: BenchRequest): Send =>
  async (signal) => {
    const { target: targetDeviceTag, subsystem, path } = asked;
    await client.request({ targetDeviceTag, subsystem, path, ...request, signal });
  };

/** The first request finds out how the device answers, which takes longer, and whether it does at all. */
const warmUp = async (send: Send, signal: AbortSignal): Promise<void> => {
  try {
    await send(signal);
  } catch (error) {
    if (!isAnswered(error)) throw error;
  }
};

const partOf = ({ requests, durationMs }: LoadPlan, ended: number, elapsedMs: number): number =>
  Math.max(ended / requests, elapsedMs / durationMs);

const measure = async (cli: Cli, plan: LoadPlan, send: Send): Promise<LoadSummary> => {
  const tally = new LoadTally(readFailure);
  // Each request in flight listens to it, and there may be many.
  const signal = AbortSignal.any([cli.signal]);
  setMaxListeners(0, signal);
  const beganMs = systemClock.nowMs();
  const progress = showProgress(cli.errors, () => {
    const elapsedMs = systemClock.nowMs() - beganMs;
    const part = partOf(plan, tally.ended, elapsedMs);
    return progressText(tally, { elapsedMs, part, p50Ms: tally.latencies.percentileMs(50) });
  });
  try {
    const onEnd = tally.add.bind(tally);
    const end = await runLoad(plan, { clock: systemClock, send, onEnd, signal });
    return summarize(plan, tally, { ...end, interrupted: signal.aborted });
  } finally {
    progress.stop();
  }
};

const print = ({ output }: Cli, summary: LoadSummary, asJson: boolean): void => {
  if (asJson) output.line(JSON.stringify(summary));
  else for (const line of loadReport(summary, output)) output.line(line);
};

const NOTHING: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** Asks a device as often and as fast as is wanted, and prints how fast it answered. */
export const runBench = async (cli: Cli, asked: BenchTarget, flags: BenchFlags): Promise<void> => {
  const [plan, request] = [planOf(flags), await requestOf(flags, cli.input)];
  const known = await clientOptions(cli, flags);
  await useClient(cli, known, {
    use: async (client) => {
      await using _device = flags.serve === true ? await startOwnDevice(known, asked) : NOTHING;
      const send = senderTo(client, asked, request);
      await warmUp(send, cli.signal);
      const summary = await measure(cli, plan, send);
      print(cli, summary, flags.json === true);
      cli.signal.throwIfAborted();
      const [worst] = summary.failures;
      if (worst !== undefined) throw new Stopped("requests failed", worst.exitStatus);
    },
  });
};
