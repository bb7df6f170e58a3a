// What runs in a thread of its own, for clients that block the thread of the test: brokers and proxies.
import { parentPort } from "node:worker_threads";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import type { ApartCommand, ApartReply, ApartStart } from "./apart.ts";
import type { Reachable } from "./broker-kind.ts";
import { startEmbedded } from "./embedded-broker.ts";

const running = new Map<number, Reachable>();
let count = 0;

const startOne = async (start: ApartStart): Promise<Reachable> => {
  if (start.what === "broker") return startEmbedded(start.options);
  const proxy = await startTcpProxy({ port: start.port });
  return {
    url: proxy.url,
    stop: () => proxy.close(),
    start: () => Promise.reject(new Error("a proxy is not started again")),
    end: () => proxy.close(),
    dropConnections: () => proxy.cut(),
  };
};

const carryOut = async (command: ApartCommand): Promise<unknown> => {
  if (command.type === "call") {
    await running.get(command.id)?.[command.method]();
    return undefined;
  }
  const started = await startOne(command.start);
  count += 1;
  running.set(count, started);
  return { id: count, url: started.url };
};

parentPort?.on("message", ({ call, command }: { call: number; command: ApartCommand }) => {
  carryOut(command).then(
    (result) => parentPort?.postMessage({ call, result } satisfies ApartReply),
    (error: unknown) =>
      parentPort?.postMessage({ call, error: String(error) } satisfies ApartReply),
  );
});
