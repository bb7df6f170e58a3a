import { expect, test } from "vitest";
import { SyncRequestHandlerBase } from "../../src/index.ts";
import { endIdleWorkers, keepWorkers, workerCounts } from "../support/worker-source.ts";
import { SyncScene, gains } from "./sync-scene.ts";

keepWorkers();

test("one worker serves one client after another, each with its own handlers and statistics", async () => {
  // Those of other tests in this process.
  await endIdleWorkers();
  const before = workerCounts();
  await using scene = await SyncScene.start();
  for (const body of ["first", "second", "third"]) {
    const client = scene.client();
    client.addMessageHandler(
      new SyncRequestHandlerBase({
        process: (self, topic, request) => self.respond(topic, request, { body }),
      }),
    );
    expect(client.request(gains(client.identifier)).body).toBe(body);
    expect(client.statistics).toMatchObject({ requestsSent: 1, requestsReceived: 1 });
    client.disconnect();
    expect(workerCounts().idle).toBe(1);
  }
  expect(workerCounts().started - before.started).toBe(1);
});
