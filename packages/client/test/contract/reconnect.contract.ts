import { describe, expect, test } from "vitest";
import { ClientClosedError, GatewayTimeoutResponse, LinkLostError } from "../../src/index.ts";
import type { WaitOptions } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import type { Broker } from "./brokers/broker-kind.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Awaitable, ContractClient } from "./client-under-test.ts";
import { answer, gains, serve, serveEcho } from "./devices.ts";
import { testConcurrency } from "./needs.ts";
import type { Pair, Stage } from "./stage.ts";
import { States } from "./states.ts";

type Call = (client: ContractClient, wait?: WaitOptions) => Awaitable<unknown>;

/** Lost links, and brokers that go and come back. */
export const reconnectCases = (stage: Stage): void => {
  const lose = async (
    clients: readonly ContractClient[],
    cut: () => Awaitable<void>,
  ): Promise<void> => {
    const states = clients.map((client) => new States(client));
    await cut();
    for (const each of states) await each.reached("reconnecting");
    for (const each of states) await each.reached("online");
  };

  /** A client that has lost its broker, which is still away. */
  const lostClient = async (): Promise<{
    client: ContractClient;
    broker: Broker;
    states: States;
  }> => {
    const broker = await stage.ownBroker();
    const client = await stage.client({}, broker);
    const states = new States(client);
    await broker.stop();
    await states.reached("reconnecting");
    return { client, broker, states };
  };

  describe("after its connection was cut, a client", () => {
    test("comes back by itself, and says so", async () => {
      const broker = await stage.cuttableBroker();
      const client = await stage.client({}, broker);
      const states = new States(client);
      broker.dropConnections();
      const { cause } = await states.reached("reconnecting");
      await states.reached("online");
      expect(cause).toBeInstanceOf(LinkLostError);
      expect(client.statistics.reconnects).toBe(1);
    });

    test("requests and serves as before", async () => {
      const broker = await stage.cuttableBroker();
      const { requester, device } = await stage.pair({}, broker);
      serveEcho(stage, device);
      await lose([...new Set([requester, device])], () => broker.dropConnections());
      expect((await requester.request({ ...gains(device), body: 1 })).body).toBe(1);
    });

    test("has its subscriptions of both kinds, once each", async () => {
      const broker = await stage.cuttableBroker();
      const client = await stage.client({ subscriptions: ["place/a"] }, broker);
      await client.subscribe("place/b");
      await client.subscribe("place/gone");
      await client.unsubscribe("place/gone");
      const topics = new Arrivals<string>("a message");
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({ process: (_client, topic) => topics.push(topic) }),
      );
      for (let count = 0; count < 3; count += 1)
        await lose([client], () => broker.dropConnections());
      const peer = await stage.peer(broker);
      for (const last of ["a", "gone", "b", "a"])
        peer.send({ topic: `place/${last}`, payload: "{}" });
      expect(await topics.take(3)).toEqual(["place/a", "place/b", "place/a"]);
    });

    testConcurrency(stage)("has a request under way answered over the new connection", async () => {
      const broker = await stage.cuttableBroker();
      const { requester, device } = await stage.pair({}, broker);
      const states = [...new Set([requester, device])].map((client) => new States(client));
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: async (client, topic, request) => {
            broker.dropConnections();
            for (const each of states) await each.reached("online");
            await answer(client, { topic, request }, { body: "late, but here" });
          },
        }),
      );
      expect((await requester.request(gains(device))).body).toBe("late, but here");
    });

    test("keeps the deadline of a request under way", async () => {
      const broker = await stage.cuttableBroker();
      const { requester, device } = await stage.pair({}, broker);
      serve(stage, device, () => {
        broker.dropConnections();
        return undefined;
      });
      const error = await rejectionOf(() =>
        requester.request({ ...gains(device), timeoutMs: 100 }),
      );
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      expect(requester.statistics.requestsInFlight).toBe(0);
    });

    test("holds as many subscriptions as before, however often it happens", async () => {
      const broker = await stage.cuttableBroker();
      const { requester, device } = await stage.pair({}, broker);
      serveEcho(stage, device);
      await requester.request(gains(device));
      const held = requester.statistics.subscriptionsHeld;
      const clients = [...new Set([requester, device])];
      for (let count = 0; count < 4; count += 1) {
        await lose(clients, () => broker.dropConnections());
        await requester.request(gains(device));
      }
      expect(requester.statistics).toMatchObject({ subscriptionsHeld: held, reconnects: 4 });
    });

    test("has a hundred subscriptions of every form", async () => {
      const broker = await stage.cuttableBroker();
      const client = await stage.client({}, broker);
      // Names that look like numbers change places in JavaScript objects.
      const filters = Array.from({ length: 100 }, (_, at) =>
        at % 2 ? `place/${at}` : `${200 - at}`,
      );
      for (const filter of filters) await client.subscribe(filter);
      await lose([client], () => broker.dropConnections());
      const topics = new Arrivals<string>("a message");
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({ process: (_client, topic) => topics.push(topic) }),
      );
      const peer = await stage.peer(broker);
      for (const topic of filters) peer.send({ topic, payload: "{}" });
      expect(await topics.take(filters.length)).toEqual(filters);
    });

    testConcurrency(stage)("may be connected again by whoever is told that it closed", async () => {
      const broker = await stage.cuttableBroker();
      const client = await stage.client({ reconnect: false }, broker);
      const connected = new Arrivals<boolean>("the end of connect()");
      const connect = async (): Promise<void> => {
        await client.connect();
        connected.push(client.isConnected);
      };
      client.on("state", (next) => {
        if (next === "closed" && connected.all.length === 0) void connect();
      });
      broker.dropConnections();
      expect(await connected.next()).toBe(true);
    });

    test("closes where it was told not to come back, and may be connected again", async () => {
      const broker = await stage.cuttableBroker();
      const client = await stage.client({ reconnect: false }, broker);
      const states = new States(client);
      broker.dropConnections();
      const { cause } = await states.reached("closed");
      expect(cause).toBeInstanceOf(LinkLostError);
      expect(states.entered).toEqual(["closed"]);
      await client.connect();
      serveEcho(stage, client);
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
    });
  });

  describe("a call made while the broker is away", () => {
    const CALLS: readonly (readonly [string, Call])[] = [
      ["request()", (client, wait) => client.request({ ...gains(client), body: 1, ...wait })],
      ["publish()", (client, wait) => client.publish("place/a", { body: 1 }, wait)],
      [
        "publish() with QoS 1",
        (client, wait) => client.publish("place/a", { body: 1 }, { qos: 1, ...wait }),
      ],
      [
        "publish() with QoS 2",
        (client, wait) => client.publish("place/a", { body: 1 }, { qos: 2, ...wait }),
      ],
      ["subscribe()", (client, wait) => client.subscribe("place/a", wait)],
      ["connect()", (client, wait) => client.connect(wait)],
    ];

    testConcurrency(stage)("waits for it and succeeds, whichever it is", async () => {
      const { client, broker } = await lostClient();
      serveEcho(stage, client);
      await stage.concurrently([
        ...CALLS.map(
          ([, call]) =>
            () =>
              call(client),
        ),
        () => broker.start(),
      ]);
      expect(client.state).toBe("online");
    });

    test.each(CALLS)("ends at its own deadline: %s", async (_name, call) => {
      const { client } = await lostClient();
      const error = await rejectionOf(() => call(client, { timeoutMs: 20 }));
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      expect(client.statistics.requestsInFlight).toBe(0);
      expect(client.state).toBe("reconnecting");
    });

    testConcurrency(stage)("is rejected by disconnect(), whichever it is", async () => {
      const { client } = await lostClient();
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

    testConcurrency(stage)("ends when its signal says so, whichever it is", async () => {
      const { client } = await lostClient();
      const controller = new AbortController();
      const { signal } = controller;
      const errors = await stage.concurrently<unknown>([
        ...CALLS.map(
          ([, call]) =>
            () =>
              rejectionOf(() => call(client, { signal })),
        ),
        () => controller.abort("enough"),
      ]);
      expect(errors.slice(0, -1)).toEqual(CALLS.map(() => "enough"));
      expect(client.state).toBe("reconnecting");
    });

    test("is unsubscribe(): it holds from the next connection on", async () => {
      const broker = await stage.ownBroker();
      const client = await stage.client({ subscriptions: ["place/a", "place/b"] }, broker);
      const states = new States(client);
      await broker.stop();
      await states.reached("reconnecting");
      await client.unsubscribe("place/a");
      const topics = new Arrivals<string>("a message");
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({ process: (_client, topic) => topics.push(topic) }),
      );
      await broker.start();
      await states.reached("online");
      const peer = await stage.peer(broker);
      for (const last of ["a", "b"]) peer.send({ topic: `place/${last}`, payload: "{}" });
      expect(await topics.next()).toBe("place/b");
    });
  });

  describe("a client whose broker stays away", () => {
    const reconnect = { minDelayMs: 1, maxDelayMs: 2, maxAttempts: 3 };

    test("closes after maxAttempts dials that failed, and says why", async () => {
      const broker = await stage.ownBroker();
      let dials = 0;
      const password = (): string => `secret ${(dials += 1)}`;
      const options = { reconnect, username: "somebody", password };
      const client = await stage.client(options, broker);
      const states = new States(client);
      await broker.stop();
      const { cause } = await states.reached("closed");
      expect(cause).toBeInstanceOf(Error);
      expect(dials).toBe(1 + reconnect.maxAttempts);
      const error = await rejectionOf(() => client.request(gains(client)));
      expect(error).toBeInstanceOf(ClientClosedError);
      expect(error).toMatchObject({ cause });
    });

    testConcurrency(stage)("settles every call that waits when it closes", async () => {
      const broker = await stage.ownBroker();
      const client = await stage.client({ reconnect }, broker);
      const states = new States(client);
      client.addMessageHandler(
        new stage.handlers.RequestHandlerBase({ process: () => broker.stop() }),
      );
      const errors = await stage.concurrently<unknown>([
        () => rejectionOf(() => client.request(gains(client))),
        async () => {
          await states.reached("reconnecting");
          return rejectionOf(() => client.publish("place/a", { body: 1 }));
        },
      ]);
      expect(errors).toEqual([expect.any(ClientClosedError), expect.any(ClientClosedError)]);
      expect(client.state).toBe("closed");
    });

    test("may be connected again when the broker is back", async () => {
      const broker = await stage.ownBroker();
      const client = await stage.client({ reconnect }, broker);
      const states = new States(client);
      await broker.stop();
      await states.reached("closed");
      await broker.start();
      await client.connect();
      serveEcho(stage, client);
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
    });
  });

  describe("a restart of the broker under load", () => {
    /** Requests one thing after another until told to stop; gives how each of them ended. */
    const load = async (
      { requester, device }: Pair,
      isOver: () => boolean,
      onAnswer: () => void,
    ): Promise<readonly unknown[]> => {
      const ends: unknown[] = [];
      while (!isOver()) {
        try {
          const { body } = await requester.request({ ...gains(device), body: 1, timeoutMs: 500 });
          ends.push(body);
          onAnswer();
        } catch (error) {
          ends.push(error);
        }
      }
      return ends;
    };

    testConcurrency(stage)("leaves no request hanging, and new ones succeed", async () => {
      const broker = await stage.ownBroker();
      const pair = await stage.pair({}, broker);
      serveEcho(stage, pair.device);
      const answers = new Arrivals<number>("an answer");
      let over = false;
      const { requester, device } = pair;
      const restart = async (): Promise<readonly unknown[]> => {
        await answers.take(50);
        await lose([...new Set([requester, device])], async () => {
          await broker.stop();
          await broker.start();
        });
        const before = answers.all.length;
        await answers.next(() => answers.all.length > before + 50);
        over = true;
        return [];
      };
      const ends = await stage.concurrently([
        ...[1, 2, 3, 4, 5, 6, 7, 8].map(
          () => () =>
            load(
              pair,
              () => over,
              () => answers.push(1),
            ),
        ),
        restart,
      ]);
      const failures = ends.flat().filter((end) => end !== 1);
      expect(failures.filter((error) => !(error instanceof GatewayTimeoutResponse))).toEqual([]);
      expect(requester.statistics.requestsInFlight).toBe(0);
      expect((await requester.request({ ...gains(device), body: 1 })).body).toBe(1);
    });
  });
};
