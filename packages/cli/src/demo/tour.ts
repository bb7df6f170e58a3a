import type { DeviceHandle, MQTTClient, ResponsePayload } from "gf-mqtt-client";
import { ResponseException, responseCodeName } from "gf-mqtt-client";
import * as v from "valibot";

import { fromHex } from "../instrument/waveform.ts";
import { markByCode } from "../terminal/code-text.ts";
import type { Output } from "../terminal/output.ts";
import { drawPlot, rangeOf } from "../terminal/plot.ts";

const Data = v.object({
  metrics: v.array(
    v.object({
      name: v.string(),
      properties: v.object({ unit: v.string(), dt: v.number() }),
      data: v.string(),
    }),
  ),
});

const ASKED_COLUMNS = 30;
const PLOT = { columns: 66, rows: 8 };
const SHOWN_CHARACTERS = 28;

const shorten = (text: string): string =>
  text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text;

/** What a device answered, and how long that took. */
const show = async (
  { line, style }: Output,
  asked: string,
  answer: Promise<ResponsePayload>,
): Promise<void> => {
  const startedAt = performance.now();
  const elapsed = (): string => `${(performance.now() - startedAt).toFixed(1)} ms`;
  const print = (code: number, name: string, said: string): void => {
    line(
      `  ${asked.padEnd(ASKED_COLUMNS)} ${markByCode(style, code, `${String(code)} ${name}`.trimEnd())} ${said}`.trimEnd(),
    );
  };
  try {
    const { header, body } = await answer;
    const { response_code: code, location } = header;
    const said = body ?? location;
    const text = said === undefined ? "" : shorten(JSON.stringify(said));
    print(code, responseCodeName(code) ?? "", `${text} ${style.dim(elapsed())}`.trimStart());
  } catch (error) {
    if (!(error instanceof ResponseException)) throw error;
    print(error.responseCode, error.name, style.dim(elapsed()));
    line(`    ${String(error.detail)}`);
  }
};

/** Who is there, and what it serves. */
export const showDevices = async (output: Output, client: MQTTClient): Promise<void> => {
  output.line(output.style.bold("Who is there?"));
  for await (const { identifier, state } of client.presence({ timeoutMs: 2_000 })) {
    output.line(`  ${identifier} is ${state}`);
    break;
  }
  output.line();
  output.line(output.style.bold("What does it serve?"));
  const described = await client.device("2D_XX_0_9999", "axuv").describe();
  for (const { href, methods, title = "" } of described) {
    output.line(`  ${href.padEnd(18)}${methods.join(" ").padEnd(16)}${title}`.trimEnd());
  }
  output.line();
};

/** Requests that are answered, and some that are refused. */
export const showRequests = async (output: Output, axuv: DeviceHandle): Promise<void> => {
  output.line(output.style.bold("Requests"));
  await show(output, "GET gains", axuv.get("gains"));
  await show(output, "PUT gains [1,2,4,8]", axuv.put("gains", [1, 2, 4, 8]));
  await show(output, 'PUT gains "loud"', axuv.put("gains", "loud"));
  await show(output, "GET gain", axuv.get("gain"));
  await show(output, "POST resources {…}", axuv.post("resources", { name: "run 7" }));
  await show(output, "GET resources/1", axuv.get("resources/1"));
  await show(output, "DELETE gains", axuv.delete("gains"));
  await show(output, "POST trigger", axuv.post("trigger"));
  await show(output, "POST arm", axuv.post("arm"));
  await show(output, "POST trigger", axuv.post("trigger"));
  output.line();
};

/** What the instrument has recorded, drawn. */
export const showWaveform = async (output: Output, axuv: DeviceHandle): Promise<void> => {
  const { metrics } = await axuv.read("data", Data);
  const [first] = metrics;
  if (first === undefined) return;
  const samples = fromHex(first.data);
  const { unit, dt } = first.properties;
  const [low, high] = rangeOf(samples);
  const lengthMs = (samples.length * dt * 1_000).toFixed(2);
  output.line(
    output.style.bold(
      `GET data: ${first.name}, ${String(samples.length)} samples in ${lengthMs} ms`,
    ),
  );
  for (const row of drawPlot(samples, PLOT)) output.line(`  ${row}`);
  output.line(`  ${output.style.dim(`from ${String(low)} to ${String(high)} ${unit}`)}`);
  output.line();
};
