import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  ConnectionFailedError,
  NotConnectedError,
  SyncMessageHandlerBase,
  SyncRequestHandlerBase,
} from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import { States } from "../contract/states.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

/** For what is told at once; the loaded machine is what takes time. */
const AT_ONCE_MS = 4_000;

const LOGIN = { username: "operator", password: "correct" } as const;

const serveEcho = (client: SyncMQTTClient): void => {
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: (self, topic, request) => self.respond(topic, request, { body: request.body }),
    }),
  );
};

/** Has the client disconnect in the handler of its next request. */
const disconnectOnRequest = (client: SyncMQTTClient): void => {
  const handler = new SyncRequestHandlerBase({
    process: () => {
      client.removeMessageHandler(handler);
      client.disconnect();
    },
  });
  client.addMessageHandler(handler);
};

describe("disconnect() in a handler", () => {
  test("ends the request() that waits, at once", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    disconnectOnRequest(client);
    const startedAt = performance.now();
    const error = errorOf(() => client.request(gains(client.identifier)));
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
    expect(error).toBeInstanceOf(ClientClosedError);
    expect(error).toMatchObject({ name: "ClientClosedError", wasPending: true });
    expect(client.state).toBe("closed");
  });

  test("ends run()", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    client.addMessageHandler(new SyncMessageHandlerBase({ process: () => client.disconnect() }));
    const peer = await scene.peer();
    client.subscribe("the/end");
    peer.send({ topic: "the/end", payload: "{}" });
    client.run();
    expect(client.state).toBe("closed");
  });

  test("leaves sleep() to its time", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    client.addMessageHandler(new SyncMessageHandlerBase({ process: () => client.disconnect() }));
    const peer = await scene.peer();
    client.subscribe("the/end");
    peer.send({ topic: "the/end", payload: "{}" });
    const startedAt = performance.now();
    client.sleep(500);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(499);
    expect(client.state).toBe("closed");
  });

  test("ends calls of handlers around it, too", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const ends: Error[] = [];
    client.addMessageHandler(
      new SyncRequestHandlerBase({
        process: (_client, _topic, { body }) => {
          if (body === 3) client.disconnect();
          else ends.push(errorOf(() => client.request(call(Number(body) + 1))));
        },
      }),
    );
    const call = (body: number) => ({ ...gains(client.identifier), body });
    ends.push(errorOf(() => client.request(call(0))));
    expect(ends.map(({ name }) => name)).toEqual(Array(4).fill("ClientClosedError"));
  });

  test("followed by connect() there, leaves the call around it closed, and the client open", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const handler = new SyncRequestHandlerBase({
      process: () => {
        client.removeMessageHandler(handler);
        client.disconnect();
        client.connect();
      },
    });
    client.addMessageHandler(handler);
    const error = errorOf(() => client.request(gains(client.identifier)));
    expect(error).toBeInstanceOf(ClientClosedError);
    serveEcho(client);
    expect(client.request({ ...gains(client.identifier), body: 5 }).body).toBe(5);
  });
});

describe("after disconnect()", () => {
  test("calls throw ClientClosedError, which is a NotConnectedError", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    client.disconnect();
    const calls = [
      () => client.request(gains("device")),
      () => client.publish("a/b", {}),
      () => client.subscribe("a/b"),
      () => client.run(),
    ];
    for (const call of calls) expect(errorOf(call)).toBeInstanceOf(ClientClosedError);
    expect(errorOf(calls[0] ?? expect.fail)).toBeInstanceOf(NotConnectedError);
  });

  test("a second one changes nothing", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const states = new States(client);
    client.disconnect();
    client.disconnect();
    expect(states.entered).toEqual(["closed"]);
  });

  test("connect() opens the client again", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    serveEcho(client);
    client.disconnect();
    client.connect();
    expect(client.request({ ...gains(client.identifier), body: 1 }).body).toBe(1);
  });

  test("what was counted is still there, and the next connection adds to it", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    serveEcho(client);
    client.request(gains(client.identifier));
    client.disconnect();
    const counts = { requestsSent: 1, responsesReceived: 1, requestsReceived: 1 };
    expect(client.statistics).toMatchObject({ ...counts, requestsInFlight: 0 });
    client.connect();
    expect(client.statistics).toMatchObject(counts);
    client.request(gains(client.identifier));
    client.disconnect();
    expect(client.statistics).toMatchObject({
      requestsSent: 2,
      responsesReceived: 2,
      requestsReceived: 2,
    });
  });

  test("statistics count the request that it ended", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    disconnectOnRequest(client);
    errorOf(() => client.request(gains(client.identifier)));
    expect(client.statistics).toMatchObject({
      requestsSent: 1,
      requestsUnanswered: 1,
      requestsInFlight: 0,
    });
  });

  test("subscriptions come back with connect(), but for those that were ended", async () => {
    await using scene = await SyncScene.start();
    const client = scene.newClient({ subscriptions: ["from/options", "from/options/ended"] });
    client.connect();
    client.subscribe("from/subscribe", { qos: 1 });
    client.subscribe("ended");
    client.unsubscribe("ended");
    client.unsubscribe("from/options/ended");
    client.disconnect();
    const topics: string[] = [];
    client.addMessageHandler(
      new SyncMessageHandlerBase({
        process: (_client, topic) => {
          topics.push(topic);
          if (topic === "from/subscribe") client.disconnect();
        },
      }),
    );
    client.connect();
    const peer = await scene.peer();
    for (const topic of ["from/options/ended", "ended", "from/options", "from/subscribe"]) {
      peer.send({ topic, payload: "{}" });
    }
    client.run();
    expect(topics).toEqual(["from/options", "from/subscribe"]);
  });

  test("connect() uses the credentials that were set meanwhile", async () => {
    await using scene = await SyncScene.start({ login: LOGIN });
    const client = scene.client(LOGIN);
    client.disconnect();
    client.setCredentials("operator", "wrong");
    expect(errorOf(() => client.connect())).toBeInstanceOf(ConnectionFailedError);
    client.setCredentials("operator", "correct");
    client.connect();
    expect(client.isConnected).toBe(true);
  });

  test("connect() uses the credentials that were set before", async () => {
    await using scene = await SyncScene.start({ login: LOGIN });
    const client = scene.client(LOGIN);
    client.setCredentials("operator", "wrong");
    client.disconnect();
    expect(errorOf(() => client.connect())).toBeInstanceOf(ConnectionFailedError);
  });

  test("using a client in a scope ends it with the scope", async () => {
    await using scene = await SyncScene.start();
    const seen: SyncMQTTClient[] = [];
    {
      using client = scene.client();
      seen.push(client);
      expect(client.state).toBe("online");
    }
    expect(seen[0]?.state).toBe("closed");
  });
});
