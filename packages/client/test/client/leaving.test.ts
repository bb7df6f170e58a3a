import { describe, expect, test } from "vitest";
import { ClientClosedError, MQTTClient, RequestHandlerBase } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";

test("a request that still waits for its turn when the client leaves is never handled", async () => {
  const { connection } = new MemoryBroker();
  const device = new MQTTClient({ ...connection, identifier: "d", maxConcurrentRequests: 1 });
  await using requester = await new MQTTClient({
    ...connection,
    responseRouting: "mailbox",
  }).connect();
  const handled: unknown[] = [];
  let release = (): void => undefined;
  device.addMessageHandler(
    new RequestHandlerBase({
      process: (_client, _topic, { body }) => {
        handled.push(body);
        return new Promise((resolve) => {
          release = () => {
            resolve(undefined);
          };
        });
      },
    }),
  );
  await device.connect();
  const axuv = requester.device("d", "axuv");
  const asked = [1, 2].map((body) => axuv.put("gains", body, { timeoutMs: 200 }));
  const ended = Promise.allSettled(asked);
  await expect.poll(() => device.statistics.requestsReceived).toBe(2);
  await device.disconnect({ drainMs: 0 });
  release();
  await promisesSettled();
  expect(handled).toEqual([1]);
  await ended;
});

describe("a request that waits for code of the user's when the client leaves ends at once", () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const schema = {
    "~standard": { version: 1, vendor: "test", validate: never },
  } as const;
  const address = { targetDeviceTag: "d", subsystem: "axuv", path: "gains" };

  test("in a handler of outgoing requests", async () => {
    const { connection } = new MemoryBroker();
    const client = await new MQTTClient(connection).connect();
    client.addMessageHandler(new RequestHandlerBase({ direction: "outgoing", process: never }));
    const asked = client.request(address);
    await Promise.all([
      expect(asked).rejects.toBeInstanceOf(ClientClosedError),
      client.disconnect(),
    ]);
  });

  test("in the check of its answer", async () => {
    const { connection } = new MemoryBroker();
    const client = await new MQTTClient({ ...connection, identifier: "d" }).connect();
    client.addMessageHandler(
      new RequestHandlerBase({ process: (self, topic, asked) => self.respond(topic, asked) }),
    );
    const asked = client.request({ ...address, schema });
    await expect.poll(() => client.statistics.responsesReceived).toBe(1);
    await Promise.all([
      expect(asked).rejects.toBeInstanceOf(ClientClosedError),
      client.disconnect(),
    ]);
  });
});

test("disconnect() after a failure tells of no further state: the client is closed already", async () => {
  const broker = new MemoryBroker();
  broker.stop();
  const client = new MQTTClient({ ...broker.connection, reconnect: false });
  const told: string[] = [];
  client.on("state", (next, previous) => told.push(`${previous} → ${next}`));
  await expect(client.connect()).rejects.toMatchObject({ name: "ConnectionFailedError" });
  await client.disconnect();
  expect(told).toEqual(["idle → connecting", "connecting → closed"]);
});
