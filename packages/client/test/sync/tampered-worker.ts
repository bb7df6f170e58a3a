import type * as Threads from "node:worker_threads";
import { vi } from "vitest";

type Worker = Threads.Worker;

/** Ways in which a worker can come to its end, or as good as that. */
export type Death = "throws" | "exits" | "hangs" | "rejects";

/** What is started instead: the worker itself, and a way to make it die. */
const wrapped = (worker: string | URL): string => `
  import { parentPort } from "node:worker_threads";
  import ${JSON.stringify(String(worker))};
  const ways = {
    throws: () => { throw new RangeError("the worker is broken"); },
    rejects: () => { void Promise.reject(new RangeError("the worker is broken")); },
    exits: () => { process.exit(3); },
    hangs: () => { for (;;); },
  };
  parentPort.on("message", (way) => typeof way === "string" && ways[way]());
`;

/** The workers of the clients that are made from now on. */
export interface TamperedWorkers {
  /** Those that were started, oldest first. */
  readonly started: readonly Worker[];
  /** Ends the newest one, as from outside. */
  terminate(): void;
  /** Has the newest one die in a way of its own. */
  die(death: Death): void;
}

/** Has clients start workers that can be made to die, until the end of the test. */
export const tamperWithWorkers = (): TamperedWorkers => {
  const getBuiltinModule = process.getBuiltinModule.bind(process);
  const threads = getBuiltinModule("node:worker_threads");
  const started: Worker[] = [];
  class TamperedWorker extends threads.Worker {
    constructor(worker: string | URL, options?: Threads.WorkerOptions) {
      const module = encodeURIComponent(wrapped(worker));
      super(new URL(`data:text/javascript,${module}`), options);
      started.push(this);
    }
  }
  const tampered = { ...threads, Worker: TamperedWorker };
  vi.spyOn(process, "getBuiltinModule").mockImplementation((id: string) =>
    id === "node:worker_threads" ? tampered : getBuiltinModule(id),
  );
  return {
    started,
    terminate: () => void started.at(-1)?.terminate(),
    die: (death) => started.at(-1)?.postMessage(death),
  };
};
