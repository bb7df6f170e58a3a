import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import {
  MQTTClient,
  OptionError,
  RuntimeNotSupportedError,
  SyncMQTTClient,
  SyncRequestHandlerBase,
  UnknownOptionError,
} from "../../src/index.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { MemoryBroker } from "../../src/testing.ts";
import { tamperWithWorkers } from "./tampered-worker.ts";
import { errorOf } from "./thrown-by.ts";

const BROKER = "broker.example.com";

/** A client of options as a caller without types may give them. */
const make = (options: unknown): SyncMQTTClient => Reflect.construct(SyncMQTTClient, [options]);
const makeAsync = (options: unknown): MQTTClient => Reflect.construct(MQTTClient, [options]);

describe("an option that the worker would have to call", () => {
  test("is refused: transport, which is a broker in memory most of the time", () => {
    const error = errorOf(() => make({ ...new MemoryBroker().connection }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error.message).toBe(
      'option "transport" is "(given)"; expected none: a broker in memory cannot be shared with the worker ' +
        "of a SyncMQTTClient; start gf-mqtt-dev-broker in another thread or process, and give its URL as broker",
    );
  });

  test.each(["clock", "createId", "random"])("is refused: %s", (option) => {
    const error = errorOf(() => make({ broker: BROKER, [option]: () => undefined }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ option, value: "(given)" });
    expect(error.message).toContain("the worker of a SyncMQTTClient could not call it");
    expect(error.message).toContain("MQTTClient takes it");
  });
});

describe("spinMs", () => {
  test.each([0, 0.1, 10, undefined])("may be %s", (spinMs) => {
    expect(make({ broker: BROKER, spinMs }).state).toBe("idle");
  });

  test.each([-0.1, 10.1, NaN, Infinity, "1", null, true])("may not be %s", (spinMs) => {
    const error = errorOf(() => make({ broker: BROKER, spinMs }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ option: "spinMs", value: spinMs });
    expect(error.message).toContain("a number of ms from 0 to 10");
  });

  test("changes nothing but how calls wait", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client({ spinMs: 10 });
    expect(client.request({ ...gains(target), body: 1 }).body).toBe(1);
    client.sleep(30);
    expect(client.request({ ...gains(target), body: 2 }).body).toBe(2);
  });
});

describe("an option that MQTTClient would refuse", () => {
  test.each<readonly [string, unknown]>([
    ["no options", undefined],
    ["null", null],
    ["a text", "broker.example.com"],
    ["no broker", {}],
    ["a broker that is none", { broker: "http://broker.example.com" }],
    ["a port", { broker: BROKER, port: 70_000 }],
    ["an identifier", { broker: BROKER, identifier: "a/b" }],
    ["a time", { broker: BROKER, timeoutMs: 0 }],
    ["a QoS", { broker: BROKER, qosDefault: 3 }],
    ["a version", { broker: BROKER, protocolVersion: "4" }],
    ["a reconnect", { broker: BROKER, reconnect: { minDelayMs: -1 } }],
    ["a logger", { broker: BROKER, logger: {} }],
    ["a password", { broker: BROKER, username: "a", password: 5 }],
    ["a subscription", { broker: BROKER, subscriptions: ["a/#/b"] }],
    ["TLS without TLS", { broker: BROKER, tls: { ca: 5 } }],
  ])("is refused in the same words: %s", (_what, options) => {
    const error = errorOf(() => make(options));
    const asyncError = errorOf(() => makeAsync(options));
    expect(error.name).toBe(asyncError.name);
    expect(error.message.replaceAll("SyncMQTTClient", "MQTTClient")).toBe(asyncError.message);
  });

  test("is refused when it is misspelt, with what was meant", () => {
    const error = errorOf(() => make({ broker: BROKER, spinMS: 1 }));
    expect(error).toBeInstanceOf(UnknownOptionError);
    expect(error.message).toContain("spinMs");
  });
});

describe("what a client tells of itself", () => {
  test.each([
    { broker: BROKER, identifier: "device" },
    { broker: `mqtts://user:secret@${BROKER}`, identifier: "device", timeoutMs: 10 },
    { broker: `ws://${BROKER}/mqtt?token=secret`, identifier: "device", port: 8080 },
  ])("is what MQTTClient tells with the same options: %o", (options) => {
    const tell = (client: MQTTClient) => {
      const { identifier, broker, timeoutMs, state, isConnected } = client;
      return { identifier, broker, timeoutMs, state, isConnected };
    };
    const client: unknown = make(options);
    expect(tell(client as MQTTClient)).toEqual(tell(makeAsync(options)));
  });

  test("holds no password, however it is looked at", () => {
    const broker = `mqtt://user:from-url@${BROKER}`;
    const clients = [make({ broker }), make({ broker: BROKER, username: "a", password: "given" })];
    const seen = inspect(clients, { depth: 10, showHidden: true });
    expect(seen).not.toMatch(/from-url|given/);
  });

  test.each([{}, { identifier: "device", ensureUniqueIdentifier: true }])(
    "is an identifier that the broker knows it by, made up or not: %o",
    async (options) => {
      await using scene = await SyncScene.start();
      const client = scene.client({ identifier: undefined, ...options });
      expect(client.identifier).toMatch(/^(?:mqtt_client|device)-[0-9a-f-]{36}$/);
      client.addMessageHandler(
        new SyncRequestHandlerBase({
          process: (self, topic, request) => self.respond(topic, request, { body: "me" }),
        }),
      );
      expect(client.request(gains(client.identifier)).body).toBe("me");
    },
  );
});

describe("making a client", () => {
  test("starts neither a thread nor a connection", () => {
    const workers = tamperWithWorkers();
    const client = make({ broker: BROKER });
    client.addMessageHandler(new SyncRequestHandlerBase({ process: () => undefined }));
    client.setCredentials("a", "b");
    client.sleep(0);
    client.disconnect();
    expect(client.statistics.requestsSent).toBe(0);
    expect(workers.started).toEqual([]);
  });

  test("takes a copy of the options", async () => {
    await using scene = await SyncScene.start();
    const reconnect = { minDelayMs: 1, maxDelayMs: 20 };
    const subscriptions = ["a/b"];
    const client = scene.newClient({ reconnect, subscriptions });
    subscriptions.push("not a/#/filter");
    reconnect.minDelayMs = -1;
    client.connect();
    expect(client.isConnected).toBe(true);
  });

  test("where threads cannot be blocked fails with the reason", () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const error = errorOf(() => make({ broker: BROKER }));
    expect(error).toBeInstanceOf(RuntimeNotSupportedError);
    expect(error).toMatchObject({
      feature: "SyncMQTTClient",
      reason: expect.stringContaining("there is no SharedArrayBuffer"),
    });
  });
});
