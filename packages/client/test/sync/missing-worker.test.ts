import { expect, test, vi } from "vitest";
import { WorkerLostError } from "../../src/index.ts";
import { SyncScene } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";

test("a client whose worker's file is missing says so, and what may be the cause", async () => {
  await using scene = await SyncScene.start();
  const client = scene.newClient();
  vi.stubEnv("TEST_SYNC_WORKER", "/nowhere/worker.js");
  const error = errorOf(() => client.connect());
  expect(error).toBeInstanceOf(WorkerLostError);
  expect(error.cause).toMatchObject({
    message: expect.stringMatching(
      /file:\/\/\/nowhere\/worker\.js is missing; where a bundler is used/,
    ),
  });
  expect(client.state).toBe("idle");
});

test("a client whose worker's file is there again connects", async () => {
  await using scene = await SyncScene.start();
  const client = scene.newClient();
  vi.stubEnv("TEST_SYNC_WORKER", "/nowhere/worker.js");
  errorOf(() => client.connect());
  vi.unstubAllEnvs();
  client.connect();
  expect(client.isConnected).toBe(true);
});
