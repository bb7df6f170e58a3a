import { Worker } from "node:worker_threads";
import { bundledWorker } from "../../support/bundled-worker.ts";
import type { BrokerOptions, Reachable } from "./broker-kind.ts";

/** What can be started there. */
export type ApartStart =
  | {
      readonly what: "broker";
      readonly options: BrokerOptions;
    }
  | { readonly what: "proxy"; readonly port: number };

type Method = Exclude<keyof Reachable, "url">;

/** What the thread is told. */
export type ApartCommand =
  | { readonly type: "start"; readonly start: ApartStart }
  | { readonly type: "call"; readonly id: number; readonly method: Method };

/** What it says to that. */
export interface ApartReply {
  readonly call: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A thread of brokers and proxies, which go on while the thread of the test is blocked. */
export class ApartThread implements AsyncDisposable {
  readonly #worker = new Worker(bundledWorker("TEST_BROKER_WORKER"));
  readonly #calls = new Map<number, (reply: ApartReply) => void>();
  #count = 0;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (reply: ApartReply) => {
      this.#calls.get(reply.call)?.(reply);
      this.#calls.delete(reply.call);
    });
    this.#worker.on("error", (error) => {
      for (const end of this.#calls.values()) end({ call: 0, error: String(error) });
    });
  }

  #tell(command: ApartCommand): Promise<unknown> {
    this.#count += 1;
    const call = this.#count;
    this.#worker.postMessage({ call, command });
    return new Promise((resolve, reject) => {
      this.#calls.set(call, ({ result, error }) => {
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      });
    });
  }

  async start(start: ApartStart): Promise<Reachable> {
    const { id, url } = (await this.#tell({ type: "start", start })) as { id: number; url: string };
    const call = (method: Method) => async (): Promise<void> =>
      void (await this.#tell({ type: "call", id, method }));
    return {
      url,
      stop: call("stop"),
      start: call("start"),
      end: call("end"),
      dropConnections: () => void call("dropConnections")(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
