import { describe, expect, test } from "vitest";
import {
  ConnectionFailedError,
  GatewayTimeoutResponse,
  NotConnectedError,
  NotFoundResponse,
  PayloadValidationError,
  ResponseException,
  SubscriptionRefusedError,
  SyncRequestHandlerBase,
  SyncResponseHandlerBase,
} from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { errorOf, thrownBy } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

/** Long enough for what never comes. */
const SHORT_MS = 20;

const answerNotFound = (client: SyncMQTTClient): void => {
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: () => {
        throw new NotFoundResponse("there are no gains");
      },
    }),
  );
};

/** The first line of a stack that names a function or a place. */
const firstFrame = ({ stack = "" }: Error): string =>
  stack.split("\n").find((line) => line.startsWith("    at ")) ?? "";

/** One call of each kind that can fail in the worker. */
const CALLS = [
  ["request", (client: SyncMQTTClient) => client.request(gains("device")), NotConnectedError],
  ["device().get", (client: SyncMQTTClient) => client.device("a", "b").get("c"), NotConnectedError],
  ["device().put", (client: SyncMQTTClient) => client.device("a", "b").put("c"), NotConnectedError],
  ["publish", (client: SyncMQTTClient) => client.publish("a/b", {}), NotConnectedError],
  ["subscribe", (client: SyncMQTTClient) => client.subscribe("a/b"), NotConnectedError],
  ["unsubscribe", (client: SyncMQTTClient) => client.unsubscribe("a/b", { timeoutMs: -1 }), Error],
] as const;

describe("an error of", () => {
  test.each(CALLS)("%s() points to the line of the caller", async (_name, call, errorClass) => {
    await using scene = await SyncScene.start();
    const client = scene.newClient();
    const theCaller = (): unknown => call(client);
    const error = errorOf(theCaller);
    expect(error).toBeInstanceOf(errorClass);
    expect(error.stack).toMatch(new RegExp(`^${error.name}: `));
    expect(firstFrame(error)).toContain("sync/errors.test.ts");
    expect(error.stack).toContain("theCaller");
  });

  test("connect() points to the line of the caller", async () => {
    await using scene = await SyncScene.start({ login: { username: "a", password: "b" } });
    const client = scene.newClient({ reconnect: false });
    const theCaller = (): unknown => client.connect();
    expect(firstFrame(errorOf(theCaller))).toMatch(/at theCaller .*sync\/errors\.test\.ts/);
  });

  test("request() that is an error code points to the line of the caller", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    answerNotFound(client);
    const theCaller = (): unknown => client.request(gains(client.identifier));
    expect(firstFrame(errorOf(theCaller))).toMatch(/at theCaller .*sync\/errors\.test\.ts/);
  });

  test("request() in a handler points to the line in the handler", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const errors: Error[] = [];
    const theHandler = (): void => {
      errors.push(errorOf(() => client.request({ ...gains("nobody"), timeoutMs: SHORT_MS })));
      client.disconnect();
    };
    client.addMessageHandler(new SyncRequestHandlerBase({ process: theHandler }));
    errorOf(() => client.request(gains(client.identifier)));
    expect(errors[0]?.stack).toContain("theHandler");
    expect(firstFrame(errors[0] ?? expect.fail())).toContain("sync/errors.test.ts");
  });
});

describe("an error from the worker", () => {
  test("of no answer in time has its class and fields", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const error = errorOf(() => client.request({ ...gains("nobody"), timeoutMs: SHORT_MS }));
    expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    expect(error).toBeInstanceOf(ResponseException);
    expect(Object.hasOwn(error, "name")).toBe(false);
    expect(error).toMatchObject({
      name: "GatewayTimeoutResponse",
      code: "GATEWAY_TIMEOUT",
      responseCode: 504,
      path: "gains",
      source: client.identifier,
      target: "nobody",
      method: "GET",
      requestId: expect.any(String),
      detail: expect.stringContaining(`no response within ${String(SHORT_MS)} ms`),
    });
    expect(error.message).toContain("the device may still have acted");
  });

  test("of an error code has the response", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    answerNotFound(client);
    const error = errorOf(() => client.request(gains(client.identifier)));
    expect(error).toBeInstanceOf(NotFoundResponse);
    expect(error).toMatchObject({
      detail: "there are no gains",
      response: { header: { response_code: 404 }, body: "there are no gains" },
    });
  });

  test("of a failed connect has the system's error as its cause, with its fields", async () => {
    await using scene = await SyncScene.start();
    await scene.broker.stop();
    const client = scene.newClient({ reconnect: false });
    const port = Number(new URL(client.broker).port);
    const error = errorOf(() => client.connect());
    expect(error).toBeInstanceOf(ConnectionFailedError);
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED", syscall: "connect", port });
  });

  test("of a refused subscription has its class and fields", async () => {
    await using scene = await SyncScene.start({ refusedFilters: ["secret/#"] });
    const client = scene.client();
    const error = errorOf(() => client.subscribe("secret/#"));
    expect(error).toBeInstanceOf(SubscriptionRefusedError);
    expect(error).toMatchObject({ filter: "secret/#", reasonCode: 135, broker: client.broker });
  });

  test("of a value that JSON has not has the issues", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const error = errorOf(() => client.request({ ...gains("device"), body: { a: [NaN] } }));
    expect(error).toBeInstanceOf(PayloadValidationError);
    expect(error).toMatchObject({ issues: [{ path: "body.a[0]" }] });
  });
});

describe("what is thrown on the caller's thread", () => {
  test("by a response handler reaches the caller as the very same object, with its own stack", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    class Overheated extends Error {}
    const thrown: Error[] = [];
    const theHandler = (): never => {
      const error = new Overheated("too hot");
      thrown.push(error);
      throw error;
    };
    client.addMessageHandler(new SyncResponseHandlerBase({ process: theHandler }));
    const error = errorOf(() => client.request(gains(target)));
    expect(error).toBe(thrown[0]);
    expect(firstFrame(error)).toContain("theHandler");
  });

  test("by a response handler reaches the caller even when it is no error", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    const fault = { why: "too hot" };
    client.addMessageHandler(
      new SyncResponseHandlerBase({
        process: () => {
          // oxlint-disable-next-line typescript/only-throw-error -- as users may
          throw fault;
        },
      }),
    );
    expect(thrownBy(() => client.request(gains(target)))).toBe(fault);
  });

  test("by a handler of requests that are sent reaches the caller as the very same object", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const fault = new Error("not now");
    const { stack } = fault;
    client.addMessageHandler(
      new SyncRequestHandlerBase({
        direction: "outgoing",
        process: () => {
          throw fault;
        },
      }),
    );
    expect(thrownBy(() => client.request(gains("device")))).toBe(fault);
    expect(fault.stack).toBe(stack);
  });

  test("by a password function is the cause of the failed connect, as the very same object", async () => {
    await using scene = await SyncScene.start();
    const fault = new Error("the vault is closed");
    const client = scene.newClient({
      reconnect: false,
      username: "operator",
      password: () => {
        throw fault;
      },
    });
    expect(errorOf(() => client.connect()).cause).toBe(fault);
  });

  test("by a signal is its reason, untouched", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const abort = new AbortController();
    const reason = new Error("enough");
    const { stack } = reason;
    client.addMessageHandler(new SyncRequestHandlerBase({ process: () => abort.abort(reason) }));
    const call = { ...gains(client.identifier), signal: abort.signal };
    expect(thrownBy(() => client.request(call))).toBe(reason);
    expect(thrownBy(() => client.request(call))).toBe(reason);
    expect(reason.stack).toBe(stack);
  });
});
