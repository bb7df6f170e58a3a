import { expect, test } from "vitest";
import { MQTTClient, RequestHandlerBase } from "../../src/index.ts";
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
