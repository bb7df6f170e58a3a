import type { Worker } from "node:worker_threads";
import { afterAll, expect, test, vi } from "vitest";
import type * as WorkerSource from "../support/worker-source.ts";
import { SyncRequestHandlerBase } from "../../src/index.ts";
import { SyncScene, gains } from "./sync-scene.ts";

const pool = vi.hoisted(() => ({ started: 0, idle: [] as Worker[] }));

vi.mock("../support/worker-source.ts", async (importOriginal) => {
  const original = await importOriginal<typeof WorkerSource>();
  return {
    ...original,
    obtainWorker: (modules: WorkerSource.NodeModules): Worker => {
      const kept = pool.idle.pop();
      if (kept !== undefined) return kept;
      pool.started += 1;
      return original.obtainWorker(modules);
    },
    releaseWorker: (worker: Worker, isIdle: boolean): void => {
      if (isIdle) pool.idle.push(worker);
      else original.releaseWorker(worker, false);
    },
  };
});

afterAll(async () => {
  for (const worker of pool.idle) await worker.terminate();
});

test("one worker serves one client after another, each with its own handlers and statistics", async () => {
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
    expect(pool.idle).toHaveLength(1);
  }
  expect(pool.started).toBe(1);
});
