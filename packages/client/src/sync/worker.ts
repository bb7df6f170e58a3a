// What the worker of a SyncMQTTClient runs: one client after another. Not to be imported.
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";

import type { ToCaller, ToWorker, WorkerStart } from "./messages.ts";
import { pack } from "./serialized.ts";
import { SharedCells, Wakeup } from "./shared-cells.ts";
import { WorkerClient } from "./worker-client.ts";

const HEARTBEAT_MS = 250;

/** The client that is served now. */
interface Served {
  readonly cells: SharedCells;
  readonly wakeup: Wakeup;
  readonly client: WorkerClient;
  readonly post: (message: ToCaller) => void;
}

/** By which the other thread can see that this one lives: any file will do, and this one is there. */
const openFile = (): number => {
  // There, each thread has descriptors of its own.
  if (process.versions["deno"] !== undefined) return 0;
  try {
    return openSync(fileURLToPath(import.meta.url), "r");
  } catch {
    return 0;
  }
};

const descriptor = openFile();
let served: Served | undefined;

const serve = ({ port, cells: cellBuffer, wakeup: wakeupBuffer, init }: WorkerStart): void => {
  const cells = new SharedCells(cellBuffer);
  const wakeup = new Wakeup(wakeupBuffer);
  // What the client that started this thread has put there.
  const channel = port as MessagePort;
  const post = (message: ToCaller): void => {
    channel.postMessage(message);
    wakeup.wake();
  };
  cells.openFile = descriptor;
  cells.beat();
  const client = new WorkerClient(init, { cells, post });
  served = { cells, wakeup, client, post };
  channel.on("message", (message: ToWorker) => {
    client.take(message);
  });
};

process.on("exit", () => {
  served?.cells.end();
  served?.wakeup.wake();
});
process.on("uncaughtException", (error) => {
  served?.post({ type: "fatal", error: pack(error) });
  process.exit(1);
});
// Calls have their deadlines, so what was to settle one of them and did not leaves nobody waiting for ever.
process.on("unhandledRejection", (reason) => {
  served?.client.reportRejection(reason);
});
setInterval(() => {
  served?.cells.beat();
}, HEARTBEAT_MS).unref();

parentPort?.on("message", (start: WorkerStart | string) => {
  if (typeof start === "object") serve(start);
});
