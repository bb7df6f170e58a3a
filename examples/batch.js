// @ts-check
// Asks the device of device.js for many samples at once, as one batch that must end within a second.
// usage: node examples/batch.js [host [port]]; see broker.js
import { randomUUID } from "node:crypto";
import { MQTTClient } from "gf-mqtt-client";
import { broker } from "./broker.js";

const SAMPLES = 100;

const client = new MQTTClient({
  broker,
  identifier: "batch",
  ensureUniqueIdentifier: true,
});
await client.connect();
try {
  const axuv = client.device("2D_XX_0_9999", "axuv");
  // All requests share the id, so that the device and every log can tell what belongs together,
  // and the signal, which ends those that are not answered by then.
  const options = { correlationId: randomUUID(), signal: AbortSignal.timeout(1_000) };
  const started = performance.now();
  const results = await Promise.allSettled(
    Array.from({ length: SAMPLES }, (_, index) => axuv.get(`samples/${index}`, options)),
  );
  const elapsedMs = performance.now() - started;

  const samples = results.flatMap((result) =>
    result.status === "fulfilled" ? [Number(result.value.body)] : [],
  );
  console.log(`${samples.length} of ${SAMPLES} samples in ${elapsedMs.toFixed(0)} ms`);
  if (samples.length > 0) {
    const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
    console.log(`mean ${mean.toFixed(3)}, largest ${Math.max(...samples).toFixed(3)}`);
  }
  for (const result of results) {
    if (result.status === "rejected") console.error(String(result.reason));
  }
  if (samples.length < SAMPLES) process.exitCode = 1;
} finally {
  await client.disconnect();
}
