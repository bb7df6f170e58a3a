import type { MessagePort, Worker } from "node:worker_threads";

import { pack } from "./serialized.ts";
import type { WorkerInit, CallMessage, ToCaller, ToWorker, WorkerStart } from "./messages.ts";
import type { NodeModules } from "./node-modules.ts";
import { SharedCells } from "./shared-cells.ts";
import { workerUrl } from "./worker-location.ts";

/** Longest park in one piece, in ms: after each, the worker's pulse is felt. */
const LONGEST_PARK_MS = 1_000;
/**
 * So many parks without a sign of life, after one that took the pulse, and the worker counts as dead: it can end
 * without a last word.
 */
const SILENT_PARKS = 4;

/** What the owner of a thread is told, and when: from the event loop. */
export interface ThreadEvents {
  /** A message may be there to be received. */
  readonly onMessage: (message: ToCaller) => void;
  readonly onEnd: () => void;
}

/** How a thread is to be started. */
export interface ThreadOptions extends ThreadEvents {
  readonly modules: NodeModules;
  /** How long to look for a message before parking, in ms. */
  readonly spinMs: number;
}

/** The worker thread of a client, seen from the thread that calls it. */
export class ClientThread {
  readonly #modules: NodeModules;
  readonly #spinMs: number;
  readonly #cells = new SharedCells();
  readonly #port: MessagePort;
  readonly #worker: Worker;
  #beats = 0;
  #silentParks = 0;
  /** Only where the last wait was short enough: looking in vain keeps a core from those that are waited for. */
  #isSpinning: boolean;
  #isClosed = false;
  #fault: { readonly why: string; readonly cause?: unknown } | undefined;

  /** @throws {Error} the file that the worker runs is not there. */
  constructor(beginning: WorkerInit, { modules, spinMs, onMessage, onEnd }: ThreadOptions) {
    this.#modules = modules;
    this.#spinMs = spinMs;
    this.#isSpinning = spinMs > 0;
    const url = workerUrl();
    if (!modules.files.existsSync(url)) {
      throw new Error(
        `${url.href} is missing; where a bundler is used, gf-mqtt-client must stay outside of the bundle`,
      );
    }
    const { port1, port2 } = new modules.threads.MessageChannel();
    this.#port = port1;
    const workerData: WorkerStart = { port: port2, buffer: this.#cells.buffer, beginning };
    this.#worker = new modules.threads.Worker(url, {
      name: "gf-mqtt-client",
      workerData,
      transferList: [port2],
      execArgv: [],
    });
    // Neither keeps the process alive; whoever has handlers that serve says so.
    this.#worker.unref();
    port1.on("message", onMessage);
    port1.unref();
    this.#worker.on("error", (error) => {
      this.fail("it threw", error);
      onEnd();
    });
    this.#worker.on("exit", () => {
      this.fail("it ended");
      onEnd();
    });
  }

  /** Why the worker is gone; undefined while it is there. */
  get fault(): { readonly why: string; readonly cause?: unknown } | undefined {
    // Not kept: its last words, which may still be in the channel, say more.
    return this.#fault ?? (this.#cells.hasEnded ? { why: "it ended" } : undefined);
  }

  /** Takes note of the worker's end; the first reason is the one that counts. */
  fail(why: string, cause?: unknown): void {
    this.#fault ??= cause === undefined ? { why } : { why, cause };
  }

  get cells(): SharedCells {
    return this.#cells;
  }

  post(message: ToWorker): void {
    if (!this.#isClosed) this.#port.postMessage(message);
  }

  /** Posts a call, whatever its arguments hold. */
  postCall(call: CallMessage): void {
    try {
      this.post(call);
    } catch {
      // A function or a symbol where none belongs: the worker tells what is wrong with it.
      this.post({ type: "packed-call", parts: call.map(pack) });
    }
  }

  /** The oldest message that is there. */
  receive(): ToCaller | undefined {
    if (this.#isClosed) return undefined;
    const received: { message: ToCaller } | undefined = this.#modules.threads.receiveMessageOnPort(
      this.#port,
    );
    return received?.message;
  }

  /** Waits until the worker has rung since `seen`, at the latest for `timeoutMs`. */
  wait(seen: number, timeoutMs: number): void {
    const beganAt = performance.now();
    if (this.#isSpinning && this.#spin(seen, beganAt + Math.min(this.#spinMs, timeoutMs))) return;
    const hasRung = this.#cells.park(seen, Math.min(timeoutMs, LONGEST_PARK_MS));
    this.#isSpinning = performance.now() - beganAt < this.#spinMs;
    if (hasRung) this.#silentParks = 0;
    else if (timeoutMs >= LONGEST_PARK_MS) this.#feelPulse();
  }

  #spin(seen: number, endsAt: number): boolean {
    while (performance.now() < endsAt) if (this.#cells.rings !== seen) return true;
    return false;
  }

  #feelPulse(): void {
    const { beats } = this.#cells;
    this.#silentParks = beats === this.#beats ? this.#silentParks + 1 : 0;
    this.#beats = beats;
    if (this.#silentParks >= SILENT_PARKS) this.fail("it gives no sign of life");
  }

  /** Whether the thread is to keep the process alive. */
  setServing(isServing: boolean): void {
    if (isServing) this.#port.ref();
    else this.#port.unref();
  }

  /** Ends the worker, whatever it is doing. */
  end(): void {
    this.fail("it was ended");
    this.#isClosed = true;
    this.#port.close();
    void this.#worker.terminate();
  }
}
