import { describe, expect, test } from "vitest";
import {
  OptionError,
  SyncMessageHandlerBase,
  SyncRequestHandlerBase,
  SyncResponseHandlerBase,
} from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

const refuse = (): never => {
  throw new Error("refused");
};

/** What user code may throw, each of which is hard to tell of. */
const ODD: readonly (readonly [string, () => unknown])[] = [
  ["null", () => null],
  ["undefined", () => undefined],
  ["a symbol", () => Symbol("odd")],
  ["a function", () => () => undefined],
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  ["a thenable", () => ({ then: () => undefined })],
  ["an error named by a symbol", () => Object.assign(new Error("x"), { name: Symbol("odd") })],
  ["an error with a function", () => Object.assign(new Error("x"), { retry: () => undefined })],
  [
    "a proxy that throws",
    () => new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse }),
  ],
  [
    "a revoked proxy",
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
];

const echo = (client: SyncMQTTClient): void => {
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: (self, topic, request) => self.respond(topic, request, { body: request.body }),
    }),
  );
};

const own = (client: SyncMQTTClient, body: unknown) => ({ ...gains(client.identifier), body });

describe("something odd that is thrown", () => {
  test("by a request handler is answered 500, and the next request is served", async () => {
    await using scene = await SyncScene.start();
    // One at a time: what is not answered would be in the way of all others.
    const client = scene.client({ maxConcurrentRequests: 1 });
    let odd: (() => unknown) | undefined;
    client.addMessageHandler(
      new SyncMessageHandlerBase({
        canHandle: () => odd !== undefined,
        process: () => {
          throw odd?.();
        },
      }),
    );
    echo(client);
    const requester = scene.client();
    for (const [what, make] of ODD) {
      odd = make;
      const { message } = errorOf(() => requester.request(own(client, what)));
      expect([what, message]).toEqual([what, expect.stringContaining("internal server error")]);
      odd = undefined;
      expect(requester.request(own(client, what)).body).toBe(what);
    }
  });

  test("by a response handler comes out of its request, and of no other call", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    let odd: (() => unknown) | undefined;
    client.addMessageHandler(
      new SyncResponseHandlerBase({
        process: () => {
          if (odd !== undefined) throw odd();
        },
      }),
    );
    for (const [what, make] of ODD) {
      odd = make;
      let isThrown = false;
      try {
        client.request(gains(target));
      } catch {
        isThrown = true;
      }
      expect([what, isThrown]).toEqual([what, true]);
      odd = undefined;
      expect(client.request({ ...gains(target), body: what }).body).toBe(what);
    }
  });

  test("by a listener or a logger goes nowhere", async () => {
    await using scene = await SyncScene.start();
    for (const [, make] of ODD) {
      const fail = (): never => {
        throw make();
      };
      const logger = { trace: fail, debug: fail, info: fail, warn: fail, error: fail };
      const client = scene.newClient({ logger });
      client.on("state", fail);
      client.connect();
      client.disconnect();
      expect(client.state).toBe("closed");
    }
  });

  test("by a password function ends its connect()", async () => {
    await using scene = await SyncScene.start();
    for (const [what, make] of ODD) {
      const client = scene.newClient({
        username: "user",
        timeoutMs: 2_000,
        password: () => {
          throw make();
        },
      });
      let isThrown = false;
      try {
        client.connect();
      } catch {
        isThrown = true;
      }
      expect([what, isThrown]).toEqual([what, true]);
    }
  });
});

describe("a time limit that is none", () => {
  const LIMITS: readonly unknown[] = [
    NaN,
    -1,
    0,
    "5",
    1.5,
    Infinity,
    null,
    {},
    () => 1,
    Symbol("odd"),
  ];

  const calls: readonly (readonly [string, (client: SyncMQTTClient, limit: never) => void])[] = [
    ["connect", (client, timeoutMs) => void client.connect({ timeoutMs })],
    ["request", (client, timeoutMs) => void client.request({ ...gains("device"), timeoutMs })],
    ["publish", (client, timeoutMs) => client.publish("a/b", { body: 1 }, { timeoutMs })],
    [
      "publish without waiting",
      (client, timeoutMs) => client.publish("a/b", { body: 1 }, { wait: false, timeoutMs }),
    ],
    ["subscribe", (client, timeoutMs) => client.subscribe("a/b", { timeoutMs })],
    ["unsubscribe", (client, timeoutMs) => client.unsubscribe("a/b", { timeoutMs })],
    ["run", (client, timeoutMs) => client.run({ timeoutMs })],
  ];

  test.each(calls)("is an OptionError of %s at once", async (_name, call) => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    for (const limit of LIMITS) {
      const error = errorOf(() => call(client, limit as never));
      expect(error).toBeInstanceOf(OptionError);
      expect(error).toMatchObject({ option: "timeoutMs" });
    }
  });
});

test("options that are none are an OptionError of each call", async () => {
  await using scene = await SyncScene.start();
  const client = scene.client();
  const none = null as never;
  for (const call of [
    () => client.connect(none),
    () => client.request(none),
    () => client.publish("a/b", { body: 1 }, none),
    () => client.subscribe("a/b", none),
    () => client.unsubscribe("a/b", none),
    () => client.run(none),
  ]) {
    expect(errorOf(call)).toBeInstanceOf(OptionError);
  }
});

test("a publish that nobody waits for and whose signal is aborted is not sent", async () => {
  await using scene = await SyncScene.start();
  const peer = await scene.peer();
  const heard = await peer.listen("a/b");
  const client = scene.client();
  const reason = new Error("withdrawn");
  const publish = (body: string, signal?: AbortSignal): void =>
    client.publish("a/b", { body }, { wait: false, signal });
  expect(errorOf(() => publish("withdrawn", AbortSignal.abort(reason)))).toBe(reason);
  publish("sent");
  expect((await heard.next()).text).toContain("sent");
});

test("a message nested deep on a device's request topic leaves it serving", async () => {
  await using scene = await SyncScene.start();
  const peer = await scene.peer();
  // As deep as it may be set: those up to that cross to the handlers' thread.
  const client = scene.client({ maxNestingDepth: 2_000, maxConcurrentRequests: 1 });
  const seen: string[] = [];
  client.addMessageHandler(
    new SyncMessageHandlerBase({
      process: (_self, _topic, { body }) => void seen.push(typeof body),
    }),
  );
  echo(client);
  for (const depth of [1_990, 20_000, 100_000]) {
    const topic = `gf_int_v1/axuv/request/${client.identifier}/peer`;
    const header = `{"method":"GET","path":"deep","request_id":"${String(depth)}"}`;
    const body = "[".repeat(depth) + "]".repeat(depth);
    peer.send({ topic, payload: `{"header":${header},"body":${body},"timestamp":0}` });
    peer.send({ topic, payload: `{"body":${body},"timestamp":0}` });
  }
  for (let rounds = 0; client.statistics.invalidMessages < 4 && rounds < 100; rounds += 1) {
    client.sleep(20);
  }
  expect(client.request(own(client, "serves")).body).toBe("serves");
  expect(client.statistics).toMatchObject({ invalidMessages: 4, requestsReceived: 2 });
  expect(seen).toEqual(["object", "object", "string", "string"]);
});
