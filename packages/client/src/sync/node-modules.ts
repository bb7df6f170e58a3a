import { RuntimeNotSupportedError } from "../protocol/sync-errors.ts";
import { checkRuntimeCompatibility } from "../runtime/compatibility.ts";

/** What blocking takes of Node's own modules. */
export interface NodeModules {
  readonly threads: typeof import("node:worker_threads");
  readonly files: typeof import("node:fs");
}

/**
 * Node's modules, got when they are needed: importing them would keep what is importable everywhere from being
 * imported in browsers.
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
