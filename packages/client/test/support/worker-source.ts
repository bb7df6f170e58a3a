import type { Worker } from "node:worker_threads";

import * as original from "../../src/sync/worker-source.ts";
import type { NodeModules } from "../../src/sync/worker-source.ts";

export type { NodeModules } from "../../src/sync/worker-source.ts";
export const { nodeModules } = original;

const idle: Worker[] = [];
let isKeeping = false;

/**
 * From now on, the workers of this test file serve one client after another: to start one costs more than most cases.
 * Not for tests of how workers start and end.
 */
export const keepWorkers = (): void => {
  isKeeping = true;
};

/** Stands in for the function of this name: gives an idle worker, where one is kept. */
export const obtainWorker = (modules: NodeModules): Worker =>
  idle.pop() ?? original.obtainWorker(modules);

/** The same: keeps a worker that has nothing to do any more. */
export const releaseWorker = (worker: Worker, isIdle: boolean): void => {
  if (isKeeping && isIdle) idle.push(worker);
  else original.releaseWorker(worker, isIdle);
};
