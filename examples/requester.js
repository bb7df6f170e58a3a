// @ts-check
// Reads and sets the gains of the device of device.js, and asks for something that it doesn't have.
// usage: node examples/requester.js [host [port]]; see broker.js
import { MQTTClient, NotFoundResponse, ResponseException } from "gf-mqtt-client";
import { broker } from "./broker.js";

const client = new MQTTClient({
  broker,
  identifier: "requester",
  ensureUniqueIdentifier: true,
  timeoutMs: 1_000,
});
await client.connect();
try {
  const axuv = client.device("2D_XX_0_9999", "axuv");

  const before = await axuv.get("gains");
  console.log("gains:", before.body);

  await axuv.put("gains", [8, 8, 4, 4, 2]);
  const after = await axuv.get("gains");
  console.log("gains:", after.body);

  try {
    await axuv.get("losses");
  } catch (error) {
    if (!(error instanceof NotFoundResponse)) throw error;
    console.log(`${error.responseCode} for ${error.path}:`, error.detail);
  }
} catch (error) {
  // Every other error code, and no answer in time: GatewayTimeoutResponse.
  if (!(error instanceof ResponseException)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await client.disconnect();
}
