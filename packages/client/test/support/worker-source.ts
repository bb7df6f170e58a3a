import { Worker } from "node:worker_threads";
import { afterAll, beforeAll } from "vitest";

import * as original from "../../src/sync/worker-source.ts";
import type { NodeModules } from "../../src/sync/worker-source.ts";

export type { NodeModules } from "../../src/sync/worker-source.ts";
export const { nodeModules } = original;

const idle: Worker[] = [];
let started = 0;
let isKeeping = false;

/**
 * Lets the clients of a test file be served by workers that served others before, and leaves them to those of later
 * files: to start one costs more than most cases. Not for tests of how workers start and end.
 */
export const keepWorkers = (): void => {
  beforeAll(() => {
    isKeeping = true;
  });
  afterAll(() => {
    isKeeping = false;
  });
};

/** How many workers this process has started, and how many of them are kept. */
export const workerCounts = (): { readonly started: number; readonly idle: number } => ({
  started,
  idle: idle.length,
});

/** Ends those that are kept. */
export const endIdleWorkers = async (): Promise<void> => {
  for (const worker of idle.splice(0)) await worker.terminate();
};

/** Stands in for the function of this name: gives an idle worker, where one is kept. */
export const obtainWorker = (modules: NodeModules): Worker => {
  // A test that has other workers started, to make them die for instance, must get such.
  const mayBeKept = isKeeping && modules.threads.Worker === Worker;
  const kept = mayBeKept ? idle.pop() : undefined;
  if (kept !== undefined) return kept;
  started += 1;
  return original.obtainWorker(modules);
};

/** The same: keeps a worker that has nothing to do any more. */
export const releaseWorker = (worker: Worker, isIdle: boolean): void => {
  if (isKeeping && isIdle && worker.constructor === Worker) idle.push(worker);
  else original.releaseWorker(worker, isIdle);
};
