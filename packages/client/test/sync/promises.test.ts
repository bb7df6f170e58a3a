import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, test } from "vitest";
import {
  ConnectionFailedError,
  OptionError,
  PayloadValidationError,
  SyncMessageHandlerBase,
  SyncRequestHandlerBase,
  SyncResponseHandlerBase,
} from "../../src/index.ts";
import type { HandlerResult, SyncMessageHandler } from "../../src/index.ts";
import { Logbook } from "../contract/logbook.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

const PLAIN_FUNCTIONS = /handlers of a SyncMQTTClient are plain functions: leave out async/;

/** Asynchronous, which the types forbid; and failing, which nobody is there to hear of. */
const asynchronous = (() =>
  Promise.reject(new Error("too late"))) as unknown as () => HandlerResult;

/** A handler as one without types may write it. */
const asyncHandler = (): SyncMessageHandler => ({
  propagate: true,
  canHandle: () => true,
  handle: asynchronous,
});

describe("a handler that gives a promise", () => {
  test("has its request answered 500, which is logged with what to do", async () => {
    await using scene = await SyncScene.start();
    const logger = new Logbook();
    const client = scene.client({ logger });
    client.addMessageHandler(new SyncRequestHandlerBase({ process: asynchronous }));
    expect(errorOf(() => client.request(gains(client.identifier)))).toMatchObject({
      name: "InternalServerErrorResponse",
      responseCode: 500,
      detail: "internal server error",
    });
    expect(logger.errors).toEqual([expect.any(PayloadValidationError)]);
    expect(logger.errors[0]).toMatchObject({ message: expect.stringMatching(PLAIN_FUNCTIONS) });
  });

  test("for a response makes request() throw what to do", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    client.addMessageHandler(new SyncResponseHandlerBase({ process: asynchronous }));
    const error = errorOf(() => client.request(gains(target)));
    expect(error).toBeInstanceOf(PayloadValidationError);
    expect(error.message).toMatch(PLAIN_FUNCTIONS);
  });

  test("for a request that is about to be sent makes request() throw what to do", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    client.addMessageHandler(
      new SyncRequestHandlerBase({ direction: "outgoing", process: asynchronous }),
    );
    const error = errorOf(() => client.request(gains(target)));
    expect(error).toBeInstanceOf(PayloadValidationError);
    expect(client.statistics.requestsSent).toBe(0);
  });

  test("for another message is logged, and the handlers after it go on", async () => {
    await using scene = await SyncScene.start();
    const logger = new Logbook();
    const client = scene.client({ logger });
    const end = new AbortController();
    client.addMessageHandler(asyncHandler());
    client.addMessageHandler(new SyncMessageHandlerBase({ process: () => end.abort() }));
    client.subscribe("a/b");
    client.publish("a/b", { body: 1 });
    client.run({ signal: end.signal });
    expect(logger.errors).toEqual([expect.any(PayloadValidationError)]);
    expect(client.statistics.handlerErrors).toBe(1);
  });

  test("leaves no rejection that nobody handles", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    client.addMessageHandler(asyncHandler());
    client.subscribe("a/b");
    const unhandled = await unhandledDuring(async () => {
      errorOf(() => client.request(gains(client.identifier)));
      client.publish("a/b", { body: 1 });
      client.sleep(0);
    });
    expect(unhandled).toEqual([]);
  });
});

describe("a password function that gives a promise", () => {
  const password = (() => Promise.reject(new Error("too late"))) as unknown as () => string;

  test("makes connect() throw, with what is wrong as the cause", async () => {
    await using scene = await SyncScene.start();
    const client = scene.newClient({ username: "operator", password, reconnect: false });
    const error = errorOf(() => client.connect());
    expect(error).toBeInstanceOf(ConnectionFailedError);
    expect(error.cause).toBeInstanceOf(OptionError);
    expect(error.cause).toMatchObject({
      message: expect.stringMatching(/password.*a promise.*one that gives a text/),
    });
  });

  test("leaves no rejection that nobody handles", async () => {
    await using scene = await SyncScene.start();
    const client = scene.newClient({ username: "operator", password, reconnect: false });
    expect(await unhandledDuring(async () => void errorOf(() => client.connect()))).toEqual([]);
  });
});

describe("an asynchronous schema", () => {
  const schema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => Promise.reject(new Error("too late")),
    },
  } as const satisfies StandardSchemaV1;

  test("makes request() throw what is wrong", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    const error = errorOf(() => client.request({ ...gains(target), schema }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ option: "schema" });
  });

  test("leaves no rejection that nobody handles", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    const unhandled = await unhandledDuring(
      async () => void errorOf(() => client.request({ ...gains(target), schema })),
    );
    expect(unhandled).toEqual([]);
  });
});
