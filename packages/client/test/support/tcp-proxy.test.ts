import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { listenLocally } from "./local-server.ts";
import { startTcpProxy } from "./tcp-proxy.ts";
import type { TcpProxy, TcpProxyOptions } from "./tcp-proxy.ts";

// A loaded machine takes its time; the default of a second is too short for it.
const PATIENCE = { timeout: 5_000 };

/** A server that answers with what it gets, and a proxy in front of it. */
async function echoBehindProxy(
  onClientBytes: NonNullable<TcpProxyOptions["onClientBytes"]> = () => {},
): Promise<{ proxy: TcpProxy; port: number; accepted: Socket[] }> {
  const accepted: Socket[] = [];
  const server = await listenLocally(
    createServer((socket) => {
      accepted.push(socket);
      socket.on("error", () => {});
      socket.pipe(socket);
    }),
  );
  onTestFinished(() => server.close());
  const proxy = await startTcpProxy({ port: server.port, onClientBytes });
  onTestFinished(() => proxy.close());
  return { proxy, port: server.port, accepted };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket.on("error", () => {});
}

async function echoed(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, "data");
  socket.write(text);
  return String((await answer)[0]);
}

test("bytes go through both ways", async () => {
  const { proxy } = await echoBehindProxy();
  const client = await dial(proxy.port);
  expect(await echoed(client, "ping")).toBe("ping");
  expect(proxy.url).toBe(`mqtt://127.0.0.1:${proxy.port}`);
});

test("a megabyte goes through both ways", async () => {
  const { proxy } = await echoBehindProxy();
  const client = await dial(proxy.port);
  const sent = Buffer.alloc(1_048_576, "gf");
  let received = Buffer.alloc(0);
  client.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
  });
  client.write(sent);
  await vi.waitUntil(() => received.length === sent.length, PATIENCE);
  expect(received.equals(sent)).toBe(true);
});

test("cut ends both sides of every connection, and later ones work", async () => {
  const { proxy, accepted } = await echoBehindProxy();
  const client = await dial(proxy.port);
  await echoed(client, "ping");
  expect(proxy.connectionCount).toBe(1);
  const ends = [client, ...accepted].map((socket) => once(socket, "close"));
  proxy.cut();
  await Promise.all(ends);
  await expect.poll(() => proxy.connectionCount, PATIENCE).toBe(0);
  expect(await echoed(await dial(proxy.port), "again")).toBe("again");
});

test("freeze holds back the bytes of both sides until thaw", async () => {
  const { proxy, port, accepted } = await echoBehindProxy();
  const client = await dial(proxy.port);
  await echoed(client, "ping");
  const heard = vi.fn();
  client.on("data", heard);
  accepted[0]?.on("data", heard);
  proxy.freeze();
  client.write("up");
  accepted[0]?.write("down");
  // Whatever was on its way has arrived once others were served.
  await echoed(await dial(port), "others");
  expect(heard).not.toHaveBeenCalled();
  proxy.thaw();
  await expect
    .poll(() => heard.mock.calls.map(String).toSorted(), PATIENCE)
    .toEqual(["down", "up", "up"]);
});

test("a connection made during a freeze is silent until thaw", async () => {
  const { proxy } = await echoBehindProxy();
  proxy.freeze();
  const client = await dial(proxy.port);
  await vi.waitUntil(() => proxy.connectionCount === 1, PATIENCE);
  const answer = echoed(client, "ping");
  proxy.thaw();
  expect(await answer).toBe("ping");
});

test("a side that ends during a freeze ends the other one at thaw", async () => {
  const { proxy, port, accepted } = await echoBehindProxy();
  const client = await dial(proxy.port);
  await echoed(client, "ping");
  proxy.freeze();
  accepted[0]?.resetAndDestroy();
  await echoed(await dial(port), "others");
  expect(client.closed).toBe(false);
  const closed = once(client, "close");
  proxy.thaw();
  await closed;
  expect(client.closed).toBe(true);
});

test("refuse destroys further connections, and only those", async () => {
  const { proxy } = await echoBehindProxy();
  const before = await dial(proxy.port);
  await echoed(before, "ping");
  proxy.refuse(true);
  await once(await dial(proxy.port), "close");
  expect(await echoed(before, "still here")).toBe("still here");
  proxy.refuse(false);
  expect(await echoed(await dial(proxy.port), "welcome")).toBe("welcome");
});

test("onClientBytes sees, changes and swallows what a client sends", async () => {
  const seen: string[] = [];
  const { proxy } = await echoBehindProxy((bytes) => {
    seen.push(bytes.toString());
    if (bytes.toString() === "change") return Buffer.from("changed");
    if (bytes.toString() === "swallow") return Buffer.alloc(0);
    return undefined;
  });
  const client = await dial(proxy.port);
  expect(await echoed(client, "keep")).toBe("keep");
  expect(await echoed(client, "change")).toBe("changed");
  client.write("swallow");
  await vi.waitUntil(() => seen.includes("swallow"), PATIENCE);
  expect(await echoed(client, "after")).toBe("after");
  expect(seen).toEqual(["keep", "change", "swallow", "after"]);
});

test("a target that nobody serves ends the client", async () => {
  const { proxy, port } = await echoBehindProxy();
  const nowhere = await startTcpProxy({ port: proxy.port });
  onTestFinished(() => nowhere.close());
  await proxy.close();
  await once(await dial(nowhere.port), "close");
  expect(port).not.toBe(proxy.port);
});

test("close ends the connections and may be called again", async () => {
  const { proxy } = await echoBehindProxy();
  const client = await dial(proxy.port);
  await echoed(client, "ping");
  const closed = once(client, "close");
  await proxy.close();
  await closed;
  await expect(proxy[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
