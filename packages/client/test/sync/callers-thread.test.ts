import type { StandardSchemaV1 } from "@standard-schema/spec";
import { threadId } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { PayloadValidationError, SyncRequestHandlerBase } from "../../src/index.ts";
import type { SyncMQTTClient } from "../../src/index.ts";
import { Arrivals } from "../contract/arrivals.ts";
import { Logbook } from "../contract/logbook.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";
import { keepWorkers } from "../support/worker-source.ts";

keepWorkers();

const LOGIN = { username: "operator", password: "correct" } as const;

const serve = (client: SyncMQTTClient, body: () => unknown): void => {
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: (self, topic, request) => self.respond(topic, request, { body: body() }),
    }),
  );
};

describe("on the caller's thread runs", () => {
  test("a handler", async () => {
    await using scene = await SyncScene.start();
    const client = scene.client();
    const threads: number[] = [];
    serve(client, () => threads.push(threadId));
    client.request(gains(client.identifier));
    expect(threads).toEqual([threadId]);
  });

  test("a password function, at every dial, within the call that waits for it", async () => {
    await using scene = await SyncScene.start({ login: LOGIN });
    const threads: number[] = [];
    const password = (): string => {
      threads.push(threadId);
      return LOGIN.password;
    };
    const client = scene.client({ username: LOGIN.username, password });
    client.disconnect();
    client.connect();
    expect(threads).toEqual([threadId, threadId]);
  });

  test("a password function, from the event loop where nobody waits", async () => {
    await using scene = await SyncScene.start({ login: LOGIN });
    const asked = new Arrivals<number>("a question for the password");
    const password = (): string => {
      asked.push(threadId);
      return LOGIN.password;
    };
    scene.client({ username: LOGIN.username, password });
    scene.broker.dropConnections();
    expect(await asked.take(2)).toEqual([threadId, threadId]);
  });

  test("a password function that was set later", async () => {
    await using scene = await SyncScene.start({ login: LOGIN });
    const client = scene.newClient();
    const threads: number[] = [];
    client.setCredentials(LOGIN.username, () => {
      threads.push(threadId);
      return LOGIN.password;
    });
    client.connect();
    expect(threads).toEqual([threadId]);
  });

  test("a logger, with errors as themselves", async () => {
    await using scene = await SyncScene.start();
    const fault = new RangeError("too far");
    const logger = new Logbook();
    const client = scene.client({ logger });
    serve(client, () => {
      throw fault;
    });
    errorOf(() => client.request(gains(client.identifier)));
    expect(logger.errors).toHaveLength(1);
    expect(logger.errors[0]).toBe(fault);
    expect(logger.entries.all.map(({ level }) => level)).toContain("info");
  });

  test("a schema, whose result is what request() gives", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    const seen: unknown[] = [];
    const schema: StandardSchemaV1<unknown, Date> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          seen.push([threadId, value]);
          return { value: new Date(Number(value)) };
        },
      },
    };
    const { body } = client.request({ ...gains(target), body: 5, schema });
    expect(body).toEqual(new Date(5));
    expect(seen).toEqual([[threadId, 5]]);
  });

  test("a schema, whose issues are an error that names them", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const client = scene.client();
    const schema: StandardSchemaV1 = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ issues: [{ message: "not today", path: ["a", 3] }] }),
      },
    };
    const error = errorOf(() => client.device(target, "axuv").get("gains", { schema }));
    expect(error).toBeInstanceOf(PayloadValidationError);
    expect(error).toMatchObject({ issues: [{ path: "body.a[3]", message: "not today" }] });
  });
});

describe("two clients of one thread", () => {
  test("share neither handlers nor counts nor state", async () => {
    await using scene = await SyncScene.start();
    const [first, second] = [scene.client(), scene.client()];
    serve(first, () => "first");
    serve(second, () => "second");
    expect(first.request(gains(first.identifier)).body).toBe("first");
    expect(second.request(gains(second.identifier)).body).toBe("second");
    second.request(gains(second.identifier));
    expect(first.statistics).toMatchObject({ requestsSent: 1, requestsReceived: 1 });
    expect(second.statistics).toMatchObject({ requestsSent: 2, requestsReceived: 2 });
    first.disconnect();
    expect([first.state, second.state]).toEqual(["closed", "online"]);
    expect(second.request(gains(second.identifier)).body).toBe("second");
  });

  test("can call each within a handler of the other", async () => {
    await using scene = await SyncScene.start();
    const target = await scene.echoDevice();
    const [outer, inner] = [scene.client(), scene.client()];
    serve(outer, () => inner.request({ ...gains(target), body: "from inner" }).body);
    expect(outer.request(gains(outer.identifier)).body).toBe("from inner");
  });
});
