import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  ConnectionFailedError,
  GatewayTimeoutResponse,
  OptionError,
  SubscriptionRefusedError,
} from "../../src/index.ts";
import { freePort } from "../support/free-port.ts";
import { Arrivals } from "./arrivals.ts";
import { rejectionOf } from "./client-under-test.ts";
import { gains, serveEcho } from "./devices.ts";
import { Logbook } from "./logbook.ts";
import { testNetwork, testPromises, testRefusedFilters } from "./needs.ts";
import type { Stage } from "./stage.ts";
import { States } from "./states.ts";

const LOGIN = { username: "operator", password: "right-4711" } as const;
const WRONG = { username: "operator", password: "wrong-0815" } as const;

// Bad user name or password, not authorized: under MQTT 3.1.1 (§3.2.2.3) and under MQTT 5 (§3.2.2.2).
const LOGIN_REFUSED: ReadonlySet<unknown> = new Set([4, 5, 134, 135]);

/** Brokers that are not there, that refuse the client, or that refuse what it asks for. */
export const refusalCases = (stage: Stage): void => {
  describe("connect() to a broker that is not there", () => {
    testNetwork(stage)("rejects, and says where it looked and what to check", async () => {
      const broker = `mqtt://127.0.0.1:${await freePort()}`;
      const client = stage.strayClient({ broker });
      const error = await rejectionOf(() => client.connect());
      expect(error).toBeInstanceOf(ConnectionFailedError);
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      expect(error).toMatchObject({ broker, responseCode: 504, cause: expect.any(Error) });
      expect(String(error)).toContain(broker);
      expect(String(error)).toContain("check that the broker is running");
    });

    test("closes the client, and says why", async () => {
      const broker = await stage.ownBroker();
      const client = stage.newClient({}, broker);
      const states = new States(client);
      await broker.stop();
      const error = await rejectionOf(() => client.connect());
      expect(error).toBeInstanceOf(ConnectionFailedError);
      expect(states.changes.all).toEqual([
        { next: "connecting", previous: "idle", cause: undefined },
        { next: "closed", previous: "connecting", cause: error },
      ]);
    });

    test("may be called again once it is", async () => {
      const broker = await stage.ownBroker();
      const client = stage.newClient({}, broker);
      await broker.stop();
      await rejectionOf(() => client.connect());
      await broker.start();
      await client.connect();
      expect(client.isConnected).toBe(true);
    });
  });

  describe("credentials", () => {
    test("that are right let the client in", async () => {
      const client = await stage.client(LOGIN, await stage.ownBroker({ login: LOGIN }));
      expect(client.isConnected).toBe(true);
    });

    test.each([
      ["wrong ones", WRONG],
      ["none", {}],
    ])(
      "that are refused (%s) reject connect(), and are named as the thing to check",
      async (_name, login) => {
        const client = stage.newClient(login, await stage.ownBroker({ login: LOGIN }));
        const error = await rejectionOf(() => client.connect());
        expect(error).toBeInstanceOf(ConnectionFailedError);
        expect(error).toHaveProperty("reasonCode");
        expect(LOGIN_REFUSED).toContain(Reflect.get(Object(error), "reasonCode"));
        expect(String(error)).toMatch(/username and password/);
        expect(client.state).toBe("closed");
      },
    );

    test("are shown neither by errors nor by the log nor by the client", async () => {
      const logger = new Logbook();
      const broker = await stage.ownBroker({ login: LOGIN });
      const client = stage.newClient({ ...WRONG, logger }, broker);
      const error = await rejectionOf(() => client.connect());
      const shown = inspect([error, client, logger.entries.all], { depth: 10, showHidden: true });
      expect(shown).not.toContain(WRONG.password);
    });

    test("may be set before the next connect()", async () => {
      const client = stage.newClient(WRONG, await stage.ownBroker({ login: LOGIN }));
      await rejectionOf(() => client.connect());
      client.setCredentials(LOGIN.username, LOGIN.password);
      await client.connect();
      expect(client.isConnected).toBe(true);
    });

    test("set while connected leave the connection alone", async () => {
      const client = await stage.client(LOGIN, await stage.ownBroker({ login: LOGIN }));
      const states = new States(client);
      client.setCredentials(WRONG.username, WRONG.password);
      serveEcho(stage, client);
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
      expect(states.entered).toEqual([]);
    });

    test("are refused on the way back without an end to the attempts", async () => {
      const broker = await stage.ownBroker({ login: LOGIN });
      const given = [LOGIN.password, WRONG.password, WRONG.password];
      const password = (): string => given.shift() ?? LOGIN.password;
      const client = await stage.client({ username: LOGIN.username, password }, broker);
      const states = new States(client);
      await broker.stop();
      await states.reached("reconnecting");
      await broker.start();
      await states.reached("online");
      expect(client.isConnected).toBe(true);
    });
  });

  describe("a password that is a function", () => {
    test("is asked at every dial", async () => {
      const broker = await stage.ownBroker({ login: LOGIN });
      let asked = 0;
      const password = (): string => {
        asked += 1;
        return LOGIN.password;
      };
      const client = await stage.client({ username: LOGIN.username, password }, broker);
      expect(asked).toBe(1);
      await client.disconnect();
      await client.connect();
      expect(asked).toBe(2);
      const states = new States(client);
      await broker.stop();
      await states.reached("reconnecting");
      await broker.start();
      await states.reached("online");
      expect(asked).toBeGreaterThan(2);
    });

    testPromises(stage)("may take its time", async () => {
      const broker = await stage.ownBroker({ login: LOGIN });
      const password = async (): Promise<string> => {
        // Whatever takes longer than a turn of the event loop.
        await freePort();
        return LOGIN.password;
      };
      const client = await stage.client({ username: LOGIN.username, password }, broker);
      expect(client.isConnected).toBe(true);
    });

    const expectFailure = async (password: () => string | Promise<string>): Promise<void> => {
      const client = stage.newClient({ username: "operator", password });
      const error = await rejectionOf(() => client.connect());
      expect(error).toBeInstanceOf(ConnectionFailedError);
      expect(error).toMatchObject({ cause: { message: "no token" } });
      expect(client.state).toBe("closed");
    };

    test("and throws rejects connect() with that as the cause", async () => {
      await expectFailure(() => {
        throw new Error("no token");
      });
    });

    testPromises(stage)("and rejects rejects connect() likewise", async () => {
      await expectFailure(() => Promise.reject(new Error("no token")));
    });

    test("and gives no text rejects connect() without showing what it gave", async () => {
      const password = (): string => ({ secret: "right-4711" }) as unknown as string;
      const client = stage.newClient({ username: "operator", password });
      const error = await rejectionOf(() => client.connect());
      expect(error).toBeInstanceOf(ConnectionFailedError);
      expect(error).toMatchObject({ cause: expect.any(OptionError) });
      expect(inspect(error)).not.toContain("right-4711");
    });
  });

  describe("a subscription that the broker refuses", () => {
    testRefusedFilters(stage)("rejects subscribe(), and everything else goes on", async () => {
      const broker = await stage.ownBroker({ refusedFilters: ["secret/#"] });
      const client = await stage.client({}, broker);
      const held = client.statistics.subscriptionsHeld;
      const error = await rejectionOf(() => client.subscribe("secret/#"));
      expect(error).toBeInstanceOf(SubscriptionRefusedError);
      expect(error).toMatchObject({
        code: "SUBSCRIPTION_REFUSED",
        filter: "secret/#",
        reasonCode: expect.toSatisfy((code: number) => code >= 128),
        broker: client.broker,
      });
      expect(client.statistics.subscriptionsHeld).toBe(held);
      serveEcho(stage, client);
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
    });

    testRefusedFilters(stage)("is asked for anew the next time", async () => {
      const broker = await stage.ownBroker({ refusedFilters: ["secret/#"] });
      const client = await stage.client({}, broker);
      for (let count = 0; count < 2; count += 1) {
        const error = await rejectionOf(() => client.subscribe("secret/#"));
        expect(error).toBeInstanceOf(SubscriptionRefusedError);
      }
    });

    testRefusedFilters(stage)("rejects connect() where it is one of the options", async () => {
      const broker = await stage.ownBroker({ refusedFilters: ["secret/#"] });
      const client = stage.newClient({ subscriptions: ["open/#", "secret/#"] }, broker);
      const error = await rejectionOf(() => client.connect());
      expect(error).toBeInstanceOf(SubscriptionRefusedError);
      expect(error).toMatchObject({ filter: "secret/#" });
      expect(client.state).toBe("closed");
    });

    testRefusedFilters(stage)(
      "of requests to itself lets a mere requester connect, with a warning",
      async () => {
        const identifier = stage.identifier("requester");
        const refused = `gf_int_v1/+/request/${identifier}/+`;
        const broker = await stage.ownBroker({ refusedFilters: [refused] });
        const logger = new Logbook();
        const requester = await stage.client({ identifier, logger }, broker);
        const warning = await logger.entries.next(({ fields }) => fields["filter"] === refused);
        expect(["warn", "error"]).toContain(warning.level);
        const peer = await stage.peer(broker);
        const heard = await peer.listen("place/a");
        await requester.publish("place/a", { body: 1 });
        expect((await heard.next()).text).toBe('{"body":1}');
      },
    );

    testRefusedFilters(stage)("of requests to itself keeps a device from connecting", async () => {
      const identifier = stage.identifier("device");
      const refused = `gf_int_v1/+/request/${identifier}/+`;
      const broker = await stage.ownBroker({ refusedFilters: [refused] });
      const device = stage.newClient({ identifier }, broker);
      serveEcho(stage, device);
      const error = await rejectionOf(() => device.connect());
      expect(error).toBeInstanceOf(SubscriptionRefusedError);
      expect(error).toMatchObject({ filter: refused });
    });

    testRefusedFilters(stage)("leaves the granted ones of the same client in force", async () => {
      const broker = await stage.ownBroker({ refusedFilters: ["place/secret"] });
      const client = await stage.client({ subscriptions: ["place/a"] }, broker);
      await rejectionOf(() => client.subscribe("place/secret"));
      const topics = new Arrivals<string>("a message");
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({ process: (_client, topic) => topics.push(topic) }),
      );
      (await stage.peer(broker)).send({ topic: "place/a", payload: "{}" });
      expect(await topics.next()).toBe("place/a");
    });
  });
};
