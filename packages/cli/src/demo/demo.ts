import { MQTTClient, SyncMQTTClient } from "gf-mqtt-client";

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

/** Shows a broker, a device and those who ask it, and ends by itself. */
export const runDemo = async (output: Output): Promise<void> => {
  await using bench = await startBench();
  const { url: broker } = bench;
  output.line();
  output.line(`A broker at ${broker}, an instrument, and those who ask it.`);
  output.line();
  {
    await using client = await new MQTTClient({ broker }).connect();
    const axuv = client.device("2D_XX_0_9999", "axuv");
    await showDevices(output, client);
    await showRequests(output, axuv);
    await showWaveform(output, axuv);
  }
  showBlocking(output, broker);
  output.line(output.style.dim("Next: README.md, and docs/device.md for a device of your own."));
};
