import type * as Files from "node:fs";
import type * as Threads from "node:worker_threads";

import { RuntimeNotSupportedError } from "../errors/input-errors.ts";
import { checkRuntimeCompatibility } from "../runtime/compatibility.ts";
import { workerUrl } from "./worker-location.ts";

/** What blocking takes of Node's own modules. */
export interface NodeModules {
  readonly threads: typeof Threads;
  readonly files: typeof Files;
}

/**
 * Node's modules, got when they are needed: imports of them would keep the library from being loaded in browsers.
 *
 * @throws {RuntimeNotSupportedError} a thread cannot be blocked here.
 */
export const nodeModules = (): NodeModules => {
  const { isAvailable, reason = "" } = checkRuntimeCompatibility().features.sync;
  if (!isAvailable) throw new RuntimeNotSupportedError("SyncMQTTClient", reason);
  return {
    threads: process.getBuiltinModule("node:worker_threads"),
    files: process.getBuiltinModule("node:fs"),
  };
};

/**
 * A worker that waits for a client to serve, see worker.ts: one client after another, until it is terminated.
 *
 * @throws {Error} the file that it runs is not there.
 */
export const obtainWorker = ({ threads, files }: NodeModules): Threads.Worker => {
  const url = workerUrl();
  if (!files.existsSync(url)) {
    throw new Error(
      `${url.href} is missing; where a bundler is used, gf-mqtt-client must stay outside of the bundle`,
    );
  }
  return new threads.Worker(url, { name: "gf-mqtt-client", execArgv: [] });
};

/**
 * Takes a worker back that a client does not need any more. Here it ends; tests, which make many clients, put
 * another module in the place of this one and keep it for the next.
 *
 * @param isIdle - whether the client has been disconnected in the worker; otherwise it may be doing anything.
 */
export const releaseWorker = (worker: Threads.Worker, _isIdle: boolean): void => {
  void worker.terminate();
};
