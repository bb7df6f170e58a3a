import { once } from "node:events";
import { Worker } from "node:worker_threads";

import type { MQTTClientOptions } from "gf-mqtt-client";

import { CliFailure } from "../failures/cli-failure.ts";
import { ExitStatus } from "../failures/exit-status.ts";
import { messageOf } from "../failures/message-of.ts";

/** More may wait than are under way in any load. */
const MOST_WAITING = 100_000;

/**
 * Starts a device that answers whatever it is asked, in a thread of its own, so that it does not compete with who asks.
 *
 * @throws {CliFailure} it could not connect.
 */
export const startOwnDevice = async (
  options: MQTTClientOptions,
  { target, subsystem }: { readonly target: string; readonly subsystem: string },
): Promise<AsyncDisposable> => {
  const own = { ...options, identifier: target, maxQueuedRequests: MOST_WAITING };
  const worker = new Worker(new URL("own-device-worker.js", import.meta.url), {
    workerData: { options: own, subsystem },
  });
  try {
    // What it throws while it starts rejects here.
    await once(worker, "message");
  } catch (cause) {
    const why = messageOf(cause);
    throw new CliFailure(`the device of --serve is not there: ${why}`, {
      exitStatus: ExitStatus.NO_CONNECTION,
      cause,
    });
  }
  return {
    [Symbol.asyncDispose]: async () => {
      const ended = once(worker, "exit");
      worker.postMessage("close");
      await ended;
    },
  };
};
