// What the worker of a SyncMQTTClient runs. Not to be imported.
import { workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";

import type { ToCaller, ToWorker, WorkerStart } from "./messages.ts";
import { pack } from "./serialized.ts";
import { SharedCells } from "./shared-cells.ts";
import { WorkerClient } from "./worker-client.ts";

const BEAT_MS = 250;

// What the client that started this thread has put there.
const start = workerData as WorkerStart;
const port = start.port as MessagePort;
const cells = new SharedCells(start.buffer);

const post = (message: ToCaller): void => {
  port.postMessage(message);
  cells.ring();
};

process.on("exit", () => {
  cells.end();
});
process.on("uncaughtException", (error) => {
  post({ type: "fatal", error: pack(error) });
  process.exit(1);
});
setInterval(() => {
  cells.beat();
}, BEAT_MS).unref();

const client = new WorkerClient(start.beginning, { cells, post });
port.on("message", (message: ToWorker) => {
  client.take(message);
});
