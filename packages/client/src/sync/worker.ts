// What the worker of a SyncMQTTClient runs: one client after another. Not to be imported.
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";

import type { ToCaller, ToWorker, WorkerStart } from "./messages.ts";
import { hasCbor } from "./options.ts";
import { pack } from "./serialized.ts";
import { SharedCells, Wakeup } from "./shared-cells.ts";
import { WorkerClient } from "./worker-client.ts";

const HEARTBEAT_MS = 250;

/** The client that is served now. */
interface Served {
  readonly cells: SharedCells;
  readonly wakeup: Wakeup;
  readonly channel: MessagePort;
  client: WorkerClient | undefined;
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

/** Takes over a channel; what goes wrong from now on is told there. */
const open = ({ port, cells: cellBuffer, wakeup: wakeupBuffer }: WorkerStart): Served => {
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
  served = { cells, wakeup, channel, post, client: undefined };
  return served;
};

const serve = async (start: WorkerStart): Promise<void> => {
  const opened = open(start);
  const { cells, post, channel } = opened;
  // Loaded for none but those who ask for it; the messages wait in the channel meanwhile.
  const contentFormats = hasCbor(start.init.settings)
    ? [(await import("../cbor/content-format.ts")).cbor]
    : [];
  const client = new WorkerClient(start.init, { cells, post, contentFormats });
  opened.client = client;
  channel.on("message", (message: ToWorker) => {
    client.take(message);
  });
};

const fail = (error: unknown): void => {
  served?.post({ type: "fatal", error: pack(error) });
  process.exit(1);
};

process.on("exit", () => {
  served?.cells.end();
  served?.wakeup.wake();
});
process.on("uncaughtException", fail);
// Calls have their deadlines, so what was to settle one of them and did not leaves nobody waiting for ever.
process.on("unhandledRejection", (reason) => {
  served?.client?.reportRejection(reason);
});
setInterval(() => {
  served?.cells.beat();
}, HEARTBEAT_MS).unref();

parentPort?.on("message", (start: WorkerStart | string) => {
  if (typeof start === "object") serve(start).catch(fail);
});
