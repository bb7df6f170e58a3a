import { Worker } from "node:worker_threads";
import type { QoS } from "../../../src/index.ts";
import { bundledWorker } from "../../support/bundled-worker.ts";
import { Arrivals } from "../arrivals.ts";
import type { BrokerKind, BrokerOptions, RawMessage } from "./broker-kind.ts";
import type { EchoDevice } from "./echo-device.ts";
import type { Heard } from "./hearing.ts";
import type { BrokerHost } from "./broker-host.ts";

/** What can be started in the other thread. */
export type ApartStart =
  | { readonly what: "broker"; readonly options: BrokerOptions }
  | { readonly what: "proxy"; readonly port: number }
  | { readonly what: "peer"; readonly url: string; readonly protocol: BrokerKind["protocol"] }
  | { readonly what: "device"; readonly url: string; readonly identifier: string };

/** What that thread is told. */
export type ApartCommand =
  | { readonly type: "start"; readonly start: ApartStart }
  | {
      readonly type: "call";
      readonly id: number;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | {
      readonly type: "listen";
      readonly id: number;
      readonly listener: number;
      readonly filter: string;
      readonly qos: QoS;
    };

/** What it says. */
export type ApartMessage =
  | {
      readonly type: "reply";
      readonly call: number;
      readonly result?: unknown;
      readonly error?: string;
    }
  | { readonly type: "heard"; readonly listener: number; readonly heard: Heard };

interface Started {
  readonly id: number;
  readonly url: string;
}

/** A thread for all that goes on while the thread of the test is blocked. It ends with the test's process. */
class ApartThread {
  readonly #worker = new Worker(bundledWorker("TEST_BROKER_WORKER"));
  readonly #calls = new Map<number, PromiseWithResolvers>();
  readonly #listeners = new Map<number, Arrivals<Heard>>();
  #count = 0;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (message: ApartMessage) => {
      if (message.type === "heard") this.#listeners.get(message.listener)?.push(message.heard);
      else this.#settle(message);
    });
  }

  #settle({ call, result, error }: Extract<ApartMessage, { type: "reply" }>): void {
    const settle = this.#calls.get(call);
    this.#calls.delete(call);
    if (error === undefined) settle?.resolve(result);
    else settle?.reject(new Error(error));
  }

  tell(command: ApartCommand): Promise<unknown> {
    this.#count += 1;
    const call = this.#count;
    this.#worker.postMessage({ call, command });
    return new Promise((resolve, reject) => this.#calls.set(call, { resolve, reject }));
  }

  async start(start: ApartStart): Promise<Started & { call: Call }> {
    // The thread answers a start with this.
    const started = (await this.tell({ type: "start", start })) as Started;
    const call: Call = async (method, ...args) =>
      void (await this.tell({ type: "call", id: started.id, method, args }));
    return { ...started, call };
  }

  /** What the peer with this number hears for a filter from now on. */
  async listen(id: number, filter: string, qos: QoS): Promise<Arrivals<Heard>> {
    const heard = new Arrivals<Heard>(`a message for ${filter}`);
    const listener = this.#listeners.size;
    this.#listeners.set(listener, heard);
    await this.tell({ type: "listen", id, listener, filter, qos });
    return heard;
  }
}

type Call = (method: string, ...args: readonly unknown[]) => Promise<void>;

interface PromiseWithResolvers {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

let thread: ApartThread | undefined;
const apartThread = (): ApartThread => (thread ??= new ApartThread());

/** A thread of its own, in which all goes on while that of the test is blocked. */
export const apart: BrokerHost = {
  startBroker: async (options) => {
    const { url, call } = await apartThread().start({ what: "broker", options });
    return {
      url,
      stop: () => call("stop"),
      start: () => call("start"),
      end: () => call("end"),
      dropConnections: () => void call("dropConnections"),
    };
  },
  startProxy: async (port) => {
    const { url, call } = await apartThread().start({ what: "proxy", port });
    return {
      url,
      freeze: () => call("freeze"),
      thaw: () => call("thaw"),
      cut: () => call("cut"),
      close: () => call("close"),
    };
  },
  connectPeer: async (url, protocol) => {
    const { id, call } = await apartThread().start({ what: "peer", url, protocol });
    return {
      send: (message: RawMessage) => void call("send", message),
      publish: (message) => call("publish", message),
      listen: (filter, qos = 0) => apartThread().listen(id, filter, qos),
      close: () => call("close"),
    };
  },
};

/** The same as `startEchoDevice`, in that thread. */
export const startEchoDeviceApart = async (
  url: string,
  identifier: string,
): Promise<EchoDevice> => {
  const { call } = await apartThread().start({ what: "device", url, identifier });
  return { close: () => call("close") };
};
