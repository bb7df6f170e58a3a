import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** A broker with an instrument, while it runs. */
export interface Bench extends AsyncDisposable {
  /** The broker's URL. */
  readonly url: string;
}

/** Starts a broker and a simulated instrument in a thread of their own. */
export const startBench = async (): Promise<Bench> => {
  const worker = new Worker(new URL("devices-worker.js", import.meta.url));
  // What it throws while it starts rejects here.
  const [url] = (await once(worker, "message")) as [string];
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const closed = once(worker, "message");
      worker.postMessage("close");
      await closed;
      await worker.terminate();
    },
  };
};
