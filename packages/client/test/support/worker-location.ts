import { bundledWorker } from "./bundled-worker.ts";

/** Stands in for the module of this name, which leads to built JavaScript. */
export const workerUrl = (): URL => bundledWorker("TEST_SYNC_WORKER");
