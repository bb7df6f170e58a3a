import * as v from "valibot";
import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  ForbiddenResponse,
  GatewayTimeoutResponse,
  MQTTClient,
  NotConnectedError,
  NotFoundResponse,
  PayloadValidationError,
  RequestHandlerBase,
  ResourceRouter,
} from "../../src/index.ts";
import type { DeviceAnswer, MQTTClientOptions, RequestManyOptions } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";

interface Scene extends AsyncDisposable {
  readonly memory: MemoryBroker;
  readonly requester: MQTTClient;
  device(identifier: string, router?: ResourceRouter): Promise<MQTTClient>;
}

const scene = async (options: Partial<MQTTClientOptions> = {}): Promise<Scene> => {
  const memory = new MemoryBroker();
  const { connection } = memory;
  const requester = new MQTTClient({ ...connection, logLevel: "silent", ...options });
  const clients = [requester];
  await requester.connect();
  return {
    memory,
    requester,
    device: async (identifier, router) => {
      const groups = ["all", "pumps"];
      const device = new MQTTClient({ ...connection, identifier, groups, logLevel: "silent" });
      if (router !== undefined) device.addMessageHandler(router);
      clients.push(device);
      await device.connect();
      return device;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.disconnect()));
    },
  };
};

const status = { group: "all", subsystem: "axuv", path: "status" } as const;

const statusRouter = (body: unknown): ResourceRouter =>
  new ResourceRouter({ subsystem: "axuv" }).get("status", () => body);

const collect = async <Body>(
  answers: AsyncIterable<DeviceAnswer<Body>>,
): Promise<DeviceAnswer<Body>[]> => {
  const all: DeviceAnswer<Body>[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
};

/** A handler that answers when the test says so. */
const answeringLater = () => {
  let answer = (): void => undefined;
  const handler = new RequestHandlerBase({
    process: async (client, topic, request) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      await client.respond(topic, request);
    },
  });
  return { handler, answer: () => answer() };
};

describe("a request to a group", () => {
  test("gets every device's answer once, in the order of arrival, and ends at the deadline", async () => {
    await using there = await scene();
    const names = Array.from({ length: 200 }, (_, at) => `device-${String(at)}`);
    await Promise.all(names.map((name, at) => there.device(name, statusRouter(at))));
    const answers = await collect(there.requester.requestMany({ ...status, timeoutMs: 300 }));
    expect(answers.map(({ source }) => source)).toEqual(names);
    expect(answers.map(({ response }) => response?.body)).toEqual(names.map((_, at) => at));
    expect(there.requester.statistics).toMatchObject({
      groupResponsesReceived: 200,
      unsolicitedResponses: 0,
    });
  });

  test("ends after maxResponses, and does not take what comes later", async () => {
    await using there = await scene();
    for (const name of ["a", "b", "c"]) await there.device(name, statusRouter(name));
    const answers = await collect(there.requester.requestMany({ ...status, maxResponses: 2 }));
    expect(answers.map(({ source }) => source)).toEqual(["a", "b"]);
  });

  test("ends when the loop is left", async () => {
    await using there = await scene();
    for (const name of ["a", "b"]) await there.device(name, statusRouter(name));
    for await (const { source } of there.requester.requestMany(status)) {
      expect(source).toBe("a");
      break;
    }
    expect(there.requester.statistics.requestsInFlight).toBe(0);
  });

  test("gives errors as values, and hears nothing of who does not have the resource", async () => {
    await using there = await scene();
    await there.device("fine", statusRouter(1));
    const refusing = new ResourceRouter().get("status", () => {
      throw new ForbiddenResponse("not you");
    });
    await there.device("refusing", refusing);
    await there.device(
      "other",
      new ResourceRouter().get("gains", () => 1),
    );
    const plain = await there.device("plain");
    plain.addMessageHandler(
      new RequestHandlerBase({
        process: () => {
          throw new NotFoundResponse("no status");
        },
      }),
    );
    const answers = await collect(there.requester.requestMany({ ...status, timeoutMs: 100 }));
    expect(answers).toMatchObject([
      { source: "fine", response: { body: 1 } },
      { source: "refusing", error: { responseCode: 403, detail: "not you" } },
    ]);
  });

  test("checks each body by a schema", async () => {
    await using there = await scene();
    await there.device("number", statusRouter(1));
    await there.device("text", statusRouter("x"));
    const asked = there.requester.requestMany({ ...status, schema: v.number(), timeoutMs: 100 });
    const [number, text] = await collect(asked);
    const body: number | undefined = number?.response?.body;
    expect(body).toBe(1);
    expect(text?.error).toBeInstanceOf(PayloadValidationError);
  });

  test("counts a device that answers twice, and who was not asked, and yields neither", async () => {
    await using there = await scene();
    const twice = await there.device("twice");
    twice.addMessageHandler(
      new RequestHandlerBase({
        process: async (client, topic, request) => {
          await client.respond(topic, request, { body: 1 });
          await client.respond(topic, request, { body: 2 });
          const elsewhere = topic.replace("/all/", "/stranger/");
          await client.respond(elsewhere, request, { body: 3 });
        },
      }),
    );
    const answers = await collect(there.requester.requestMany({ ...status, timeoutMs: 100 }));
    expect(answers).toMatchObject([{ source: "twice", response: { body: 1 } }]);
    expect(there.requester.statistics).toMatchObject({
      duplicateResponses: 1,
      unsolicitedResponses: 1,
    });
  });

  test("counts answers that come too late", async () => {
    await using there = await scene();
    const slow = await there.device("slow");
    const { answer, handler } = answeringLater();
    slow.addMessageHandler(handler);
    expect(await collect(there.requester.requestMany({ ...status, timeoutMs: 30 }))).toEqual([]);
    answer();
    await there.requester.subscribe("barrier");
    expect(there.requester.statistics).toMatchObject({
      lateResponses: 1,
      groupResponsesReceived: 0,
    });
  });

  test("drops and counts what a slow consumer has no room for", async () => {
    await using there = await scene({ maxQueuedBytes: 1_500 });
    for (const name of ["a", "b", "c"]) await there.device(name, statusRouter("x".repeat(700)));
    const answers = there.requester.requestMany({ ...status, timeoutMs: 100 });
    await answers.next();
    // The loop is not run on before all have answered.
    await expect.poll(() => there.requester.statistics.groupResponsesReceived).toBe(3);
    const { length } = await collect(answers);
    const { overloaded } = there.requester.statistics;
    expect(overloaded).toBeGreaterThan(0);
    expect(length).toBe(2 - overloaded);
  });

  test("whose loop nobody runs on takes no answers after its deadline", async () => {
    await using there = await scene();
    await there.device("a", statusRouter(1));
    const slow = await there.device("slow");
    const { answer, handler } = answeringLater();
    slow.addMessageHandler(handler);
    const answers = there.requester.requestMany({ ...status, timeoutMs: 30 });
    expect((await answers.next()).value?.source).toBe("a");
    const nobody = { targetDeviceTag: "nobody", subsystem: "axuv", path: "status", timeoutMs: 40 };
    // Twice: a timer that rings late waits for what has arrived, and one that began later may overtake it.
    for (let time = 0; time < 2; time += 1) {
      await there.requester.request(nobody).catch(() => undefined);
    }
    answer();
    await expect.poll(() => there.requester.statistics.lateResponses).toBe(1);
    expect(await collect(answers)).toEqual([]);
  });

  test("works without a mailbox, and leaves no subscription behind", async () => {
    await using there = await scene({ responseRouting: "per-request" });
    await there.device("a", statusRouter(1));
    const before = there.requester.statistics.subscriptionsHeld;
    const answers = await collect(there.requester.requestMany({ ...status, timeoutMs: 100 }));
    expect(answers).toHaveLength(1);
    expect(there.requester.statistics.subscriptionsHeld).toBe(before);
  });

  test("ends with the signal's reason, and with the client", async () => {
    await using there = await scene();
    const abort = new AbortController();
    const aborted = collect(there.requester.requestMany({ ...status, signal: abort.signal }));
    abort.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    const closed = collect(there.requester.requestMany(status));
    await there.requester.disconnect();
    await expect(closed).rejects.toBeInstanceOf(ClientClosedError);
    await expect(collect(there.requester.requestMany(status))).rejects.toBeInstanceOf(
      NotConnectedError,
    );
  });

  test("of which nothing was sent says so, rather than that nobody answered", async () => {
    await using there = await scene({ reconnect: { minDelayMs: 10_000 } });
    there.memory.dropConnections();
    const asked = there.requester.requestMany({ ...status, timeoutMs: 50 });
    await expect(collect(asked)).rejects.toBeInstanceOf(GatewayTimeoutResponse);
  });
});

describe("a request to a list of devices", () => {
  test("asks each, a bounded number at once, and gives errors as values", async () => {
    await using there = await scene();
    let running = 0;
    let most = 0;
    const router = new ResourceRouter().get("status", async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return 1;
    });
    const targets = Array.from({ length: 20 }, (_, at) => `device-${String(at)}`);
    await Promise.all(targets.map((name) => there.device(name, router)));
    const asked = { ...status, group: undefined, targets: [...targets, "nobody"] };
    const { group: _group, ...request } = asked;
    const answers = await collect(
      there.requester.requestMany({ ...request, maxConcurrent: 3, timeoutMs: 300 }),
    );
    expect(answers.filter(({ response }) => response?.body === 1)).toHaveLength(20);
    expect(answers.at(-1)).toMatchObject({ source: "nobody", error: { responseCode: 504 } });
    expect(most).toBe(3);
  });

  test("sends nothing when the time is over, and says so", async () => {
    await using there = await scene();
    const asked = there.requester.requestMany({
      targets: ["silent", "waiting"],
      subsystem: "axuv",
      path: "status",
      maxConcurrent: 1,
      timeoutMs: 30,
    });
    expect(await collect(asked)).toMatchObject([
      { source: "silent", error: { responseCode: 504, delivery: "sent" } },
      {
        source: "waiting",
        error: { responseCode: 504, delivery: "not sent", target: "waiting", path: "status" },
      },
    ]);
    expect(there.requester.statistics.requestsSent).toBe(1);
  });

  test("gives up the others when the loop is left", async () => {
    await using there = await scene();
    await there.device("a", statusRouter(1));
    const request = { targets: ["a", "nobody"], subsystem: "axuv", path: "status" };
    for await (const { source } of there.requester.requestMany(request)) {
      expect(source).toBe("a");
      break;
    }
    expect(there.requester.statistics.requestsInFlight).toBe(0);
  });
});

describe("bad input is an error at once", () => {
  test.each<readonly [string, object]>([
    ["neither a group nor targets", { subsystem: "a", path: "b" }],
    ["both", { ...status, targets: ["a"] }],
    ["a group that is no segment", { ...status, group: "a/b" }],
    ["a target that is no segment", { targets: ["a/b"], subsystem: "a", path: "b" }],
    ["no list of targets", { targets: "a", subsystem: "a", path: "b" }],
    ["no subsystem", { group: "all", path: "b" }],
    ["a bound below 1", { ...status, maxResponses: 0 }],
    ["retry with a group", { ...status, retry: 3 }],
    ["an unknown option", { ...status, target: "a" }],
  ])("%s", async (_what, options) => {
    await using there = await scene();
    expect(() => there.requester.requestMany(options as RequestManyOptions)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/_(OPTION|TOPIC)$/) }),
    );
  });
});
