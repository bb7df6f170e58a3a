import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  NotConnectedError,
  OptionError,
  SyncMessageHandlerBase,
  SyncRequestHandlerBase,
  TopicManager,
} from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import type { Peer } from "../contract/brokers/broker-kind.ts";
import { Arrivals } from "../contract/arrivals.ts";
import { responseTo } from "../contract/devices.ts";
import { States } from "../contract/states.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

/** Timers may ring a little before their time. */
const EARLY_MS = 1;

/** What a client hears on a topic, and a peer that speaks there. */
const listening = async (
  scene: SyncScene,
  client: SyncMQTTClient,
  act: (body: unknown) => void,
): Promise<{ readonly peer: Peer; readonly say: (...bodies: readonly unknown[]) => void }> => {
  client.subscribe("the/radio");
  client.addMessageHandler(
    new SyncMessageHandlerBase({
      canHandle: (_client, topic) => topic === "the/radio",
      process: (_client, _topic, { body }) => act(body),
    }),
  );
  const peer = await scene.peer();
  const say = (...bodies: readonly unknown[]): void => {
    for (const body of bodies) peer.send({ topic: "the/radio", payload: JSON.stringify({ body }) });
  };
  return { peer, say };
};

describe("handlers run", () => {
  test("while request() waits for another device, in order of arrival", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const seen: unknown[] = [];
    // The request can be answered by the handler only.
    let answer: (() => void) | undefined;
    client.addMessageHandler(
      new SyncRequestHandlerBase({
        direction: "outgoing",
        process: (self, topic, request) => {
          answer = () => {
            self.publish(new TopicManager().buildResponseTopic(topic), responseTo(request));
          };
          say(1, 2, 3);
        },
      }),
    );
    const { say } = await listening(scene, client, (body) => {
      seen.push(body);
      if (body === 3) answer?.();
    });
    client.request(gains("nobody"));
    expect(seen).toEqual([1, 2, 3]);
  });

  test("while connect() waits: a password function", async () => {
    const login = { username: "operator", password: "correct" };
    await using scene = await SyncScene.start({ login });
    let asked = 0;
    const client = scene.client({
      username: login.username,
      password: () => {
        asked += 1;
        return login.password;
      },
    });
    expect(asked).toBe(1);
    expect(client.isConnected).toBe(true);
  });

  test("while connect() waits for a broker that comes back", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const states: string[] = [];
    client.on("state", (state) => states.push(state));
    scene.broker.dropConnections();
    client.run({ signal: abortedWhen(client, "reconnecting") });
    client.connect();
    expect(states).toEqual(["reconnecting", "online"]);
  });

  test("from the event loop while nobody waits, in order of arrival", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const seen = new Arrivals<unknown>("a message");
    const { say } = await listening(scene, client, seen.push);
    say(1, 2, 3);
    expect(await seen.take(3)).toEqual([1, 2, 3]);
  });

  test("from the event loop, with what a call has left", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const seen = new Arrivals<unknown>("a message");
    const end = new AbortController();
    const { say } = await listening(scene, client, (body) => {
      seen.push(body);
      // Until the broker has answered, the others have come, too; usually nobody handles them meanwhile.
      if (body === 1) client.subscribe("something/else");
      end.abort();
    });
    say(1, 2, 3);
    client.run({ signal: end.signal });
    expect(await seen.take(3)).toEqual([1, 2, 3]);
  });
});

/** A signal that is aborted when the client is in a state. */
const abortedWhen = (client: SyncMQTTClient, wanted: string): AbortSignal => {
  const end = new AbortController();
  const stop = client.on("state", (state) => {
    if (state !== wanted) return;
    stop();
    end.abort();
  });
  return end.signal;
};

describe("sleep()", () => {
  test.each([0, 1, 20.5, 100])("of %d ms takes at least that, and hardly more", async (ms) => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const startedAt = performance.now();
    client.sleep(ms);
    const took = performance.now() - startedAt;
    expect(took).toBeGreaterThanOrEqual(ms - EARLY_MS);
    expect(took).toBeLessThan(ms + 1_000);
  });

  test("takes its time without a connection, too", async () => {
    await using scene = await SyncScene.start();
    const client = scene.newClient();
    const startedAt = performance.now();
    client.sleep(50);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(50 - EARLY_MS);
    expect(client.state).toBe("idle");
  });

  test("serves meanwhile, and is not shortened by it", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const seen: unknown[] = [];
    const { say } = await listening(scene, client, (body) => seen.push(body));
    say(1, 2);
    const startedAt = performance.now();
    client.sleep(500);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(500 - EARLY_MS);
    expect(seen).toEqual([1, 2]);
  });

  test("in a handler serves other messages", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const seen: unknown[] = [];
    const end = new AbortController();
    const { say } = await listening(scene, client, (body) => {
      seen.push(body);
      if (body === 2) end.abort();
      else client.run({ signal: end.signal });
    });
    say(1, 2);
    client.run({ signal: end.signal });
    expect(seen).toEqual([1, 2]);
  });

  test.each([-1, NaN, Infinity, 2 ** 31, "10", null, undefined])("refuses %s", async (ms) => {
    await using scene = await SyncScene.start();
    const client = scene.newClient();
    const error = errorOf(() => client.sleep(ms as number));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ option: "ms", value: ms });
  });
});

describe("run()", () => {
  test("returns when a handler aborts its signal", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const end = new AbortController();
    const { say } = await listening(scene, client, () => end.abort(new Error("no error")));
    say(1);
    client.run({ signal: end.signal });
    expect(client.isConnected).toBe(true);
  });

  test("returns at once when its signal is aborted already", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    client.run({ signal: AbortSignal.abort() });
    expect(client.isConnected).toBe(true);
  });

  test("returns after its time", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const startedAt = performance.now();
    client.run({ timeoutMs: 50 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(50 - EARLY_MS);
    expect(client.isConnected).toBe(true);
  });

  test("goes on over a link that is lost and comes back", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const states: string[] = [];
    client.on("state", (state) => states.push(state));
    scene.broker.dropConnections();
    client.run({ signal: abortedWhen(client, "online") });
    expect(states).toEqual(["reconnecting", "online"]);
  });

  test("throws ClientClosedError, with the cause, when reconnecting is given up", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client({ reconnect: { maxAttempts: 0 }, subscriptions: ["the/end"] });
    // In a handler, so that it happens while run() waits.
    client.addMessageHandler(
      new SyncMessageHandlerBase({ process: () => scene.broker.dropConnections() }),
    );
    (await scene.peer()).send({ topic: "the/end", payload: "{}" });
    const error = errorOf(() => client.run());
    expect(error).toBeInstanceOf(ClientClosedError);
    expect(error).toMatchObject({ operation: "run", wasPending: true });
    expect(error.cause).toBeInstanceOf(Error);
    expect(client.state).toBe("closed");
  });

  test("throws NotConnectedError before connect()", async () => {
    await using scene = await SyncScene.start();
    const client = scene.newClient();
    const error = errorOf(() => client.run());
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error).not.toBeInstanceOf(ClientClosedError);
  });

  test("throws ClientClosedError after the client was closed", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    client.disconnect();
    expect(errorOf(() => client.run())).toBeInstanceOf(ClientClosedError);
  });

  test.each([0, -1, 1.5, "10", null])("refuses a timeoutMs of %s", async (timeoutMs) => {
    await using scene = await SyncScene.start();
    const client = scene.newClient();
    const error = errorOf(() => client.run({ timeoutMs: timeoutMs as number }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ option: "timeoutMs" });
  });
});

describe("listeners of the state", () => {
  test("are told within the call that changes it", async () => {
    await using scene = await SyncScene.start();
    const client = scene.newClient();
    const states = new States(client);
    client.connect();
    expect(states.entered).toEqual(["connecting", "online"]);
    client.disconnect();
    expect(states.entered).toEqual(["connecting", "online", "closed"]);
  });

  test("are told from the event loop when nobody waits", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const states = new States(client);
    scene.broker.dropConnections();
    expect((await states.reached("reconnecting")).cause).toBeInstanceOf(Error);
    await states.reached("online");
  });
});
