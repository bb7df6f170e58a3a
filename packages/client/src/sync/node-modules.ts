import type * as Files from "node:fs";
import type * as Threads from "node:worker_threads";

import { RuntimeNotSupportedError } from "../errors/input-errors.ts";
import { checkRuntimeCompatibility } from "../runtime/compatibility.ts";

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
