import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  ConnectionFailedError,
  GatewayTimeoutResponse,
  NotConnectedError,
} from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Awaitable, ContractClient } from "./client-under-test.ts";
import { gains, serveEcho } from "./devices.ts";
import { Logbook } from "./logbook.ts";
import { testConcurrency, testPromises } from "./needs.ts";
import { Gate } from "./patience.ts";
import type { Stage } from "./stage.ts";
import { States } from "./states.ts";

const CALLS: readonly (readonly [string, (client: ContractClient) => Awaitable<unknown>])[] = [
  ["request()", (client) => client.request(gains(client))],
  ["publish()", (client) => client.publish("a/b", { body: 1 })],
  ["subscribe()", (client) => client.subscribe("a/b")],
];

/** Connecting and disconnecting, where nothing goes wrong. */
export const connectionCases = (stage: Stage): void => {
  /** A client whose dials do not end before the gate is open. */
  const slowClient = (): { client: ContractClient; gate: Gate; dials: Arrivals<number> } => {
    const gate = new Gate("the password");
    const dials = new Arrivals<number>("a dial");
    const client = stage.newClient({
      username: "somebody",
      password: async () => {
        dials.push(1);
        await gate.passed();
        return "secret";
      },
    });
    return { client, gate, dials };
  };

  describe("connect()", () => {
    test("leads from idle over connecting to online", async () => {
      const client = stage.newClient();
      const states = new States(client);
      expect([client.state, client.isConnected]).toEqual(["idle", false]);
      await client.connect();
      expect([client.state, client.isConnected]).toEqual(["online", true]);
      expect(states.changes.all).toEqual([
        { next: "connecting", previous: "idle", cause: undefined },
        { next: "online", previous: "connecting", cause: undefined },
      ]);
    });

    test("does nothing where the client is connected", async () => {
      const client = await stage.client();
      const states = new States(client);
      await client.connect();
      expect([client.state, states.entered]).toEqual(["online", []]);
    });

    testConcurrency(stage)("several times at once shares one dial", async () => {
      let dials = 0;
      const password = (): string => `secret ${(dials += 1)}`;
      const client = stage.newClient({ username: "somebody", password });
      await stage.concurrently([1, 2, 3].map(() => () => client.connect()));
      expect([client.state, dials]).toEqual(["online", 1]);
    });

    test("may be given longer than the client's timeoutMs", async () => {
      const client = stage.newClient({ timeoutMs: 1 });
      await client.connect({ timeoutMs: 10_000 });
      expect(client.isConnected).toBe(true);
    });

    testPromises(stage)("that takes too long rejects and closes the client", async () => {
      const { client } = slowClient();
      const error = await rejectionOf(() => client.connect({ timeoutMs: 20 }));
      expect(error).toBeInstanceOf(ConnectionFailedError);
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      expect(error).toMatchObject({ broker: client.broker, code: "CONNECTION_FAILED" });
      expect(client.state).toBe("closed");
    });

    testPromises(stage)(
      "with an aborted signal rejects with its reason and dials nobody",
      async () => {
        const { client, dials } = slowClient();
        const reason = new Error("never mind");
        const signal = AbortSignal.abort(reason);
        expect(await rejectionOf(() => client.connect({ signal }))).toBe(reason);
        expect([client.state, dials.all]).toEqual(["idle", []]);
      },
    );

    testConcurrency(stage)("aborted while it dials rejects with the reason", async () => {
      const { client, gate, dials } = slowClient();
      const controller = new AbortController();
      const reason = { any: "reason" };
      const [error] = await stage.concurrently([
        () => rejectionOf(() => client.connect({ signal: controller.signal })),
        async () => {
          await dials.next();
          controller.abort(reason);
        },
      ]);
      expect(error).toBe(reason);
      expect(client.state).toBe("closed");
      gate.open();
      await client.connect();
      expect(client.state).toBe("online");
    });

    testConcurrency(stage)("aborted leaves others the dial that they share", async () => {
      const { client, gate, dials } = slowClient();
      const controller = new AbortController();
      const [error] = await stage.concurrently([
        () => rejectionOf(() => client.connect({ signal: controller.signal })),
        () => client.connect(),
        async () => {
          await dials.next();
          controller.abort("enough");
          gate.open();
        },
      ]);
      expect([error, client.state, dials.all.length]).toEqual(["enough", "online", 1]);
    });
  });

  describe("while connect() dials,", () => {
    testConcurrency(stage)("calls wait for it", async () => {
      const { client, gate, dials } = slowClient();
      serveEcho(stage, client);
      await stage.concurrently<unknown>([
        () => client.connect(),
        ...CALLS.map(
          ([, call]) =>
            () =>
              call(client),
        ),
        async () => {
          await dials.next();
          gate.open();
        },
      ]);
      expect(client.statistics.responsesReceived).toBe(1);
    });

    testConcurrency(stage)("calls wait for it, and fail if it does", async () => {
      const { client } = slowClient();
      const [failure, ...errors] = await stage.concurrently<unknown>([
        () => rejectionOf(() => client.connect({ timeoutMs: 50 })),
        ...CALLS.map(
          ([, call]) =>
            () =>
              rejectionOf(() => call(client)),
        ),
      ]);
      expect(failure).toBeInstanceOf(ConnectionFailedError);
      expect(errors).toEqual(CALLS.map(() => expect.any(ClientClosedError)));
    });

    testConcurrency(stage)("an aborted one leaves the way free for the next", async () => {
      const { client, gate, dials } = slowClient();
      const controller = new AbortController();
      await stage.concurrently([
        async () => {
          await rejectionOf(() => client.connect({ signal: controller.signal }));
          gate.open();
          await client.connect();
        },
        async () => {
          await dials.next();
          controller.abort();
        },
      ]);
      expect([client.state, dials.all.length]).toEqual(["online", 2]);
    });

    testConcurrency(stage)("one that took too long leaves the way free, too", async () => {
      const { client, gate, dials } = slowClient();
      await rejectionOf(() => client.connect({ timeoutMs: 20 }));
      gate.open();
      await client.connect();
      expect([client.state, dials.all.length]).toEqual(["online", 2]);
    });
  });

  describe("disconnect()", () => {
    test("closes the client", async () => {
      const client = await stage.client();
      const states = new States(client);
      await client.disconnect();
      expect([client.state, client.isConnected]).toEqual(["closed", false]);
      expect(states.changes.all).toEqual([
        { next: "closed", previous: "online", cause: undefined },
      ]);
    });

    test("may be called again, and before connect()", async () => {
      const client = stage.newClient();
      await client.disconnect();
      await client.disconnect();
      expect(client.state).toBe("closed");
      await client.connect();
      await client.disconnect();
      await client.disconnect();
      expect(client.state).toBe("closed");
    });

    testConcurrency(stage)("may be called several times at once", async () => {
      const client = await stage.client();
      await stage.concurrently([1, 2, 3].map(() => () => client.disconnect()));
      expect(client.state).toBe("closed");
    });

    test("rejects a request that waits for its response", async () => {
      const { requester, device } = await stage.pair();
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({ process: () => requester.disconnect() }),
      );
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toBeInstanceOf(ClientClosedError);
      expect(error).toMatchObject({ code: "CLIENT_CLOSED", broker: requester.broker });
      expect(requester.statistics).toMatchObject({ requestsInFlight: 0, requestsUnanswered: 1 });
    });

    test("rejects a request whose response handler calls it", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      requester.addMessageHandler(
        new stage.handlers.ResponseHandlerBase({ process: (client) => client.disconnect() }),
      );
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toBeInstanceOf(ClientClosedError);
    });

    testConcurrency(stage)("rejects every request that waits for its response", async () => {
      const { requester, device } = await stage.pair();
      const COUNT = 20;
      let asked = 0;
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: () => {
            asked += 1;
            return asked === COUNT ? requester.disconnect() : undefined;
          },
        }),
      );
      const errors = await stage.concurrently(
        Array.from(
          { length: COUNT },
          () => () => rejectionOf(() => requester.request(gains(device))),
        ),
      );
      expect(errors.every((error) => error instanceof ClientClosedError)).toBe(true);
    });

    testConcurrency(stage)("rejects a connect() that dials", async () => {
      const { client, dials } = slowClient();
      const [error] = await stage.concurrently([
        () => rejectionOf(() => client.connect()),
        async () => {
          await dials.next();
          await client.disconnect();
        },
      ]);
      expect(error).toBeInstanceOf(ClientClosedError);
      expect(client.state).toBe("closed");
    });

    testConcurrency(stage)("and connect() at once end in the order of the calls", async () => {
      const client = await stage.client();
      await stage.concurrently([() => client.disconnect(), () => client.connect()]);
      expect(client.state).toBe("online");
      serveEcho(stage, client);
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
    });

    test("may be called by a handler", async () => {
      const client = await stage.client();
      const states = new States(client);
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({ process: (self) => self.disconnect() }),
      );
      await client.subscribe(`${client.identifier}/a`);
      await (await stage.peer()).publish({ topic: `${client.identifier}/a`, payload: "{}" });
      await states.reached("closed");
      expect(client.isConnected).toBe(false);
    });
  });

  describe.each(CALLS)("%s", (_name, call) => {
    test("before connect() says that it has to be called", async () => {
      const client = stage.newClient();
      const error = await rejectionOf(() => call(client));
      expect(error).toBeInstanceOf(NotConnectedError);
      expect(error).not.toBeInstanceOf(ClientClosedError);
      expect(error).toMatchObject({ code: "NOT_CONNECTED", broker: client.broker });
      expect(String(error)).toContain("connect()");
    });

    test("after disconnect() says that the client is closed", async () => {
      const client = await stage.client();
      await client.disconnect();
      const error = await rejectionOf(() => call(client));
      expect(error).toBeInstanceOf(ClientClosedError);
      expect(client.statistics.requestsInFlight).toBe(0);
    });
  });

  describe("connect() after disconnect()", () => {
    test("brings everything back: requests, subscriptions of both kinds, and serving", async () => {
      const place = stage.identifier("place");
      const client = await stage.client({ subscriptions: [`${place}/a`] });
      await client.subscribe(`${place}/b`);
      await client.subscribe(`${place}/c`);
      await client.unsubscribe(`${place}/c`);
      serveEcho(stage, client);
      const topics = new Arrivals<string>("a message");
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({
          canHandle: (_client, topic) => topic.startsWith(place),
          process: (_client, topic) => topics.push(topic),
        }),
      );
      const held = client.statistics.subscriptionsHeld;
      await client.disconnect();
      await client.connect();
      expect(client.statistics.subscriptionsHeld).toBe(held);
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
      const peer = await stage.peer();
      for (const last of ["c", "a", "b"]) peer.send({ topic: `${place}/${last}`, payload: "{}" });
      expect(await topics.take(2)).toEqual([`${place}/a`, `${place}/b`]);
    });

    test("is no reconnect", async () => {
      const client = await stage.client();
      await client.disconnect();
      await client.connect();
      expect(client.statistics.reconnects).toBe(0);
    });
  });

  describe("a listener", () => {
    test("that was removed is told nothing more", async () => {
      const client = stage.newClient();
      const told: string[] = [];
      const listener = (next: string): void => void told.push(`off ${next}`);
      client.on("state", listener);
      client.off("state", listener);
      const remove = client.on("state", (next) => void told.push(next));
      await client.connect();
      remove();
      await client.disconnect();
      expect(told).toEqual(["connecting", "online"]);
    });

    test("of an event that does not exist is refused, and so is one that is no function", () => {
      const client = stage.newClient();
      const on = (name: string, listener: unknown): unknown =>
        Reflect.apply(client.on, client, [name, listener]);
      for (const name of ["connect", "message", "error", "State"]) {
        expect(() => on(name, () => {})).toThrow(
          `option "event" is "${name}"; expected "state", the only event there is`,
        );
      }
      expect(() => on("state", "online")).toThrow('option "listener" is "online"');
    });

    test("that throws is logged and harms nobody", async () => {
      const logger = new Logbook();
      const client = stage.newClient({ logger });
      const fault = new Error("mine");
      client.on("state", () => {
        throw fault;
      });
      const states = new States(client);
      await client.connect();
      expect(states.entered).toEqual(["connecting", "online"]);
      expect(logger.errors).toEqual([fault, fault]);
    });
  });
};
