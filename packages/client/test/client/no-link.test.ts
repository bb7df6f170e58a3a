import { expect, test } from "vitest";
import { ConnectionFailedError, GatewayTimeoutResponse, MQTTClient } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";
import { rejectionsOf } from "../transport/soon.ts";

/** A client that has lost its link to a broker that refuses every further dial. */
const strandedClient = async (): Promise<MQTTClient> => {
  const broker = new MemoryBroker();
  const client = new MQTTClient({
    ...broker.connection,
    reconnect: { minDelayMs: 1, maxDelayMs: 1 },
  });
  await client.connect();
  broker.stop();
  return client;
};

const gains = { targetDeviceTag: "device", subsystem: "axuv", path: "gains" };

test("a request that has waited for a link in vain says that nothing was sent, and why", async () => {
  await using client = await strandedClient();
  const [error] = await rejectionsOf([client.request({ ...gains, timeoutMs: 300 })]);
  expect(error).toBeInstanceOf(GatewayTimeoutResponse);
  expect(error).toMatchObject({
    detail: "no link to mqtt://memory:1883 within 300 ms: nothing was sent",
    cause: { name: "ConnectionFailedError", detail: "stopped" },
  });
});

test("a publish that has waited for a link in vain names what kept it from coming about", async () => {
  await using client = await strandedClient();
  const [error] = await rejectionsOf([client.publish("a", {}, { timeoutMs: 300 })]);
  expect(error).toMatchObject({
    detail: "could not publish to a within 300 ms",
    cause: { name: "ConnectionFailedError", detail: "stopped" },
  });
});

test("a connect() cut short while every dial is refused has the refusal as its cause", async () => {
  await using client = await strandedClient();
  const [error] = await rejectionsOf([client.connect({ timeoutMs: 300 })]);
  expect(error).toBeInstanceOf(ConnectionFailedError);
  expect(error).toMatchObject({ detail: "stopped", cause: { name: "ConnectionFailedError" } });
});

test("a connect() cut short while the password function gives nothing says so", async () => {
  const { connection } = new MemoryBroker();
  const password = (): Promise<string> => new Promise(() => {});
  await using client = new MQTTClient({ ...connection, username: "user", password });
  const [error] = await rejectionsOf([client.connect({ timeoutMs: 300 })]);
  expect(error).toBeInstanceOf(ConnectionFailedError);
  expect(String(error)).toContain("no link within 300 ms: the password function gave nothing");
});
