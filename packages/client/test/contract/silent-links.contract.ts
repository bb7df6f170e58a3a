import { createServer } from "node:net";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  ConnectionFailedError,
  GatewayTimeoutResponse,
  LinkLostError,
} from "../../src/index.ts";
import type { WaitOptions } from "../../src/index.ts";
import { listenLocally } from "../support/local-server.ts";
import { Arrivals } from "./arrivals.ts";
import type { Broker, LinkProxy } from "./brokers/broker-kind.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Awaitable, ContractClient, ContractOptions } from "./client-under-test.ts";
import { gains, serveEcho } from "./devices.ts";
import { testConcurrency } from "./needs.ts";
import type { Stage } from "./stage.ts";
import { States } from "./states.ts";

type Call = (client: ContractClient, wait?: WaitOptions) => Awaitable<unknown>;

const CALLS: readonly (readonly [name: string, call: Call])[] = [
  ["request()", (client, wait) => client.request({ ...gains(client), ...wait })],
  ["request() with QoS 1", (client, wait) => client.request({ ...gains(client), qos: 1, ...wait })],
  ["request() with QoS 2", (client, wait) => client.request({ ...gains(client), qos: 2, ...wait })],
  ["publish() with QoS 1", (client, wait) => client.publish("place/a", {}, { qos: 1, ...wait })],
  ["publish() with QoS 2", (client, wait) => client.publish("place/a", {}, { qos: 2, ...wait })],
  ["subscribe()", (client, wait) => client.subscribe("place/a", wait)],
];

// What listens at the broker's address without being one.
const STRANGERS: readonly (readonly [name: string, serve: (socket: Socket) => void])[] = [
  ["says nothing", () => undefined],
  ["hangs up", (socket) => socket.destroy()],
  ["takes the greeting and hangs up", (socket) => socket.once("data", () => socket.end())],
  ["speaks HTTP", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["speaks nonsense", (socket) => socket.write(new Uint8Array(64).fill(0xff))],
];

/** Links that break without a word, as they do where cables are pulled. For brokers over a network. */
export const silentLinkCases = (stage: Stage): void => {
  interface Scene {
    readonly client: ContractClient;
    readonly broker: Broker;
    readonly proxy: LinkProxy;
    readonly states: States;
  }

  /** A client that reaches its broker through a link that can go silent. */
  const sceneWith = async (options: ContractOptions = {}): Promise<Scene> => {
    const broker = await stage.ownBroker();
    const { port } = new URL(broker.route.broker);
    const proxy = await stage.proxy(Number(port));
    const client = stage.strayClient({ ...broker.route, broker: proxy.url }, options);
    serveEcho(stage, client);
    await client.connect();
    return { client, broker, proxy, states: new States(client) };
  };

  describe("on a link that has gone silent,", () => {
    test.each(CALLS)("%s ends at its deadline, and leaves nothing behind", async (_name, call) => {
      const { client, proxy } = await sceneWith();
      const held = client.statistics.subscriptionsHeld;
      await proxy.freeze();
      const error = await rejectionOf(() => call(client, { timeoutMs: 50 }));
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      await proxy.thaw();
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
      expect(client.statistics).toMatchObject({ requestsInFlight: 0, subscriptionsHeld: held });
      expect(client.statistics.reconnects).toBe(0);
    });

    testConcurrency(stage)("disconnect() ends all the same, and with it every call", async () => {
      const { client, proxy } = await sceneWith();
      await proxy.freeze();
      const errors = await stage.concurrently<unknown>([
        ...CALLS.map(
          ([, call]) =>
            () =>
              rejectionOf(() => call(client)),
        ),
        () => client.disconnect(),
      ]);
      expect(errors.slice(0, -1)).toEqual(CALLS.map(() => expect.any(ClientClosedError)));
      expect(client.state).toBe("closed");
    });

    test("connect() ends at its deadline, and succeeds once it is back", async () => {
      const { client, proxy } = await sceneWith();
      await client.disconnect();
      await proxy.freeze();
      const error = await rejectionOf(() => client.connect({ timeoutMs: 50 }));
      expect(error).toBeInstanceOf(ConnectionFailedError);
      await proxy.thaw();
      await client.connect();
      expect(client.isConnected).toBe(true);
    });

    test("the client notices by itself, and comes back when the link does", async () => {
      const { client, proxy, states } = await sceneWith({ keepAliveMs: 1_000 });
      await proxy.freeze();
      const { cause } = await states.reached("reconnecting");
      expect(cause).toBeInstanceOf(LinkLostError);
      await proxy.cut();
      await proxy.thaw();
      await states.reached("online");
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
    });
  });

  describe("when a link breaks that had gone silent,", () => {
    /** How the calls end that were under way. */
    const endsOf = async (
      { proxy, states }: Scene,
      calls: readonly (() => Awaitable<unknown>)[],
    ): Promise<readonly unknown[]> => {
      await proxy.freeze();
      return stage.concurrently<unknown>([
        ...calls,
        async () => {
          // The calls have handed over their packets, which the proxy holds back for good.
          await new Promise(setImmediate);
          await proxy.cut();
          await proxy.thaw();
          await states.reached("online");
        },
      ]);
    };

    testConcurrency(stage)("publish() with QoS 1 sends its message again", async () => {
      const scene = await sceneWith();
      const { client, broker } = scene;
      const heard = await (await stage.peer(broker)).listen("place/a", 1);
      await endsOf(scene, [() => client.publish("place/a", { body: 1 }, { qos: 1 })]);
      expect((await heard.next()).text).toBe('{"body":1}');
    });

    testConcurrency(stage)("publish() with QoS 2 says that its message may be lost", async () => {
      const scene = await sceneWith();
      const [error] = await endsOf(scene, [
        () => rejectionOf(() => scene.client.publish("place/a", { body: 1 }, { qos: 2 })),
      ]);
      expect(error).toBeInstanceOf(LinkLostError);
      expect(String(error)).toContain("may or may not have arrived");
    });

    testConcurrency(stage)("request() with QoS 1 is answered after all", async () => {
      const scene = await sceneWith();
      const { client } = scene;
      // The first one finds out how the device answers; further ones consist of their message alone.
      await client.request(gains(client));
      const [response] = await endsOf(scene, [
        () => client.request({ ...gains(client), body: 1, qos: 1 }),
      ]);
      expect(response).toMatchObject({ body: 1 });
    });

    testConcurrency(stage)("request() without QoS 1 waits for its deadline", async () => {
      const scene = await sceneWith();
      const { client } = scene;
      await client.request(gains(client));
      const [error] = await endsOf(scene, [
        () => rejectionOf(() => client.request({ ...gains(client), timeoutMs: 300 })),
      ]);
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    });

    testConcurrency(stage)("subscribe() is done on the next one", async () => {
      const scene = await sceneWith();
      const { client, broker } = scene;
      const topics = new Arrivals<string>("a message");
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({ process: (_client, topic) => topics.push(topic) }),
      );
      await endsOf(scene, [() => client.subscribe("place/a")]);
      (await stage.peer(broker)).send({ topic: "place/a", payload: "{}" });
      expect(await topics.next()).toBe("place/a");
    });

    testConcurrency(stage)("unsubscribe() has been done by it", async () => {
      const scene = await sceneWith({ subscriptions: ["place/a"] });
      const { client, broker } = scene;
      const topics = new Arrivals<string>("a message");
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({ process: (_client, topic) => topics.push(topic) }),
      );
      await endsOf(scene, [() => client.unsubscribe("place/a")]);
      await client.subscribe("place/b");
      const peer = await stage.peer(broker);
      for (const last of ["a", "b"]) peer.send({ topic: `place/${last}`, payload: "{}" });
      expect(await topics.next()).toBe("place/b");
    });
  });

  describe("connect() to something that is no broker", () => {
    test.each(STRANGERS)("and %s rejects, and lets go of the socket", async (_name, serve) => {
      const sockets = new Arrivals<Promise<void>>("a connection");
      const server = await listenLocally(
        createServer((socket) => {
          socket.on("error", () => {});
          sockets.push(new Promise((resolve) => socket.once("close", () => resolve())));
          socket.resume();
          serve(socket);
        }),
      );
      stage.use({ [Symbol.asyncDispose]: server.close });
      const { protocolVersion } = (await stage.ownBroker()).route;
      const broker = `mqtt://127.0.0.1:${server.port}`;
      const client = stage.strayClient({ broker, protocolVersion });
      const error = await rejectionOf(() => client.connect({ timeoutMs: 100 }));
      expect(error).toBeInstanceOf(ConnectionFailedError);
      expect(client.state).toBe("closed");
      await Promise.all(sockets.all);
    });
  });
};
