// What runs in a thread of its own, for clients that block the thread of the test.
import { parentPort } from "node:worker_threads";
import type { ApartCommand, ApartMessage, ApartStart } from "./apart.ts";
import type { LinkProxy, Peer, Reachable } from "./broker-kind.ts";
import type { EchoDevice } from "./echo-device.ts";
import { startEchoDevice } from "./echo-device.ts";
import { here } from "./broker-host.ts";

type Running = Reachable | LinkProxy | Peer | EchoDevice;

const running = new Map<number, Running>();

const post = (message: ApartMessage): void => parentPort?.postMessage(message);

const start = (wanted: ApartStart): Promise<Running> => {
  switch (wanted.what) {
    case "broker":
      return here.startBroker(wanted.options);
    case "proxy":
      return here.startProxy(wanted.port);
    case "peer":
      return here.connectPeer(wanted.url, wanted.protocol);
    case "device":
      return startEchoDevice(wanted.url, wanted.identifier);
  }
};

const listen = async (
  peer: Peer,
  { listener, filter, qos }: Extract<ApartCommand, { type: "listen" }>,
): Promise<void> => {
  const heard = await peer.listen(filter, qos);
  heard.tellOfEach((message) => post({ type: "heard", listener, heard: message }));
};

const carryOut = async (command: ApartCommand): Promise<unknown> => {
  if (command.type === "start") {
    const started = await start(command.start);
    const id = running.size + 1;
    running.set(id, started);
    return { id, url: "url" in started ? started.url : "" };
  }
  const target = running.get(command.id);
  if (command.type === "listen") return listen(target as Peer, command);
  const method: unknown = target && Reflect.get(target, command.method);
  if (typeof method !== "function") throw new Error(`there is no ${command.method}()`);
  await Reflect.apply(method, target, command.args);
  return undefined;
};

parentPort?.on("message", ({ call, command }: { call: number; command: ApartCommand }) => {
  carryOut(command).then(
    (result) => post({ type: "reply", call, result }),
    (error: unknown) => post({ type: "reply", call, error: String(error) }),
  );
});
