import { once } from "node:events";

import { MQTTClient, SyncMQTTClient } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import type { Output } from "../terminal/output.ts";
import { startBench } from "./bench.ts";
import { showDevices, showRequests, showWaveform } from "./tour.ts";

const BLOCKING_REQUESTS = 500;

/** The same without a promise, from a plain script. */
const showBlocking = ({ line, style }: Output, broker: string): void => {
  line(style.bold("The blocking client: no await, no callbacks"));
  using client = new SyncMQTTClient({ broker }).connect();
  const axuv = client.device("2D_XX_0_9999", "axuv");
  const startedAt = performance.now();
  for (let count = 0; count < BLOCKING_REQUESTS; count += 1) axuv.read("sample_rate");
  const elapsedMs = (performance.now() - startedAt).toFixed(0);
  line(`  ${String(BLOCKING_REQUESTS)} requests, one after the other, in ${elapsedMs} ms`);
  line();
};

/** Options of `demo`. */
export interface DemoFlags {
  /** Go on serving when the tour is over. */
  readonly stay?: boolean;
}

type Trial = readonly [line: string, what: string];

const AFTERWARDS: readonly Trial[] = [
  ["demo --stay", "the same, and broker and instrument go on: ask them yourself"],
  ["serve instrument", "the instrument at a broker of yours, on localhost"],
  ["--help", "everything else"],
];
const WHILE_IT_STAYS: readonly Trial[] = [
  ["get 2D_XX_0_9999 axuv/data --plot", "draws the waveform"],
  ["put 2D_XX_0_9999 axuv/gains '[8,4,2,1]'", "sets the gains"],
  ["describe 2D_XX_0_9999 axuv", "what the instrument serves"],
];

const showNext = ({ line, style }: Output, broker: string | undefined): void => {
  line(style.bold("What to try next"));
  const at = broker === undefined ? "" : ` -b ${broker}`;
  for (const [command, what] of broker === undefined ? AFTERWARDS : WHILE_IT_STAYS) {
    line(`  gf-mqtt ${command}${at}`);
    line(`      ${style.dim(what)}`);
  }
  line();
};

/** Shows a broker, a device and those who ask it; ends by itself, or goes on serving. */
export const runDemo = async (cli: Cli, { stay = false }: DemoFlags): Promise<void> => {
  const { output, signal } = cli;
  await using bench = await startBench();
  const { url: broker } = bench;
  output.line();
  output.line(`A broker at ${broker}, an instrument, and those who ask it.`);
  output.line();
  {
    await using client = await new MQTTClient({ broker }).connect({ signal });
    const axuv = client.device("2D_XX_0_9999", "axuv");
    await showDevices(output, client);
    await showRequests(output, axuv);
    await showWaveform(output, axuv);
  }
  showBlocking(output, broker);
  signal.throwIfAborted();
  showNext(output, stay ? broker : undefined);
  if (!stay) return;
  output.line(`The broker and the instrument stay at ${broker}. Ctrl-C ends it.`);
  await once(signal, "abort");
  signal.throwIfAborted();
};
