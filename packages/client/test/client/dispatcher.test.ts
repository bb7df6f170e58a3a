import { describe, expect, test } from "vitest";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";
import {
  MQTTClient,
  RequestHandlerBase,
  ResponseHandlerBase,
  MessageHandlerBase,
} from "../../src/index.ts";
import type { MQTTClientOptions } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";

const TOPIC = "gf_int_v1/axuv/request/device/box";

/** A device that answers every request with 205, and a way to send it what any peer could. */
const scene = async (options: Partial<MQTTClientOptions> = {}) => {
  const broker = new MemoryBroker();
  const { logger, entries } = recordingLogger();
  const device = new MQTTClient({ ...broker.connection, identifier: "device", logger, ...options });
  const handled: string[] = [];
  device.addMessageHandler(
    new RequestHandlerBase({
      process: async (client, topic, request) => {
        handled.push(request.header.request_id);
        await client.respond(topic, request, { body: 1 });
      },
    }),
  );
  await device.connect();
  const requester = new MQTTClient({ ...broker.connection, identifier: "requester" });
  await requester.connect();
  const ask = (): Promise<ResponsePayload> =>
    requester.request({ targetDeviceTag: "device", subsystem: "axuv", path: "gains" });
  return {
    broker,
    device,
    requester,
    handled,
    logged: entries,
    ask,
    [Symbol.asyncDispose]: async () => {
      await device.disconnect();
      await requester.disconnect();
    },
  };
};

const request = (id: string, body: unknown = null): string =>
  JSON.stringify({ header: { method: "GET", path: "gains", request_id: id }, body, timestamp: 0 });

describe("a message nested too deep", () => {
  test.each([
    ["20,000 levels", "[".repeat(20_000) + "]".repeat(20_000)],
    ["a million levels", "[".repeat(1_000_000)],
  ])("of %s is dropped and counted, and the device goes on", async (_what, body) => {
    await using here = await scene();
    here.broker.publish({ topic: TOPIC, payload: request("deep").replace("null", body) });
    expect((await here.ask()).body).toBe(1);
    expect(here.handled).not.toContain("deep");
    expect(here.device.statistics.invalidMessages).toBe(1);
    expect(here.logged).toContainEqual(
      expect.objectContaining({
        level: "warn",
        fields: expect.objectContaining({
          error: "arrays and objects nest more than 1000 levels deep",
        }),
      }),
    );
  });

  test("is one beyond the option maxNestingDepth, payload and header included", async () => {
    await using here = await scene({ maxNestingDepth: 4 });
    for (const [id, body] of [
      ["right", [[[1]]]],
      ["deep", [[[[1]]]]],
    ] as const) {
      here.broker.publish({ topic: TOPIC, payload: request(id, body) });
    }
    await here.ask();
    expect(here.handled).toContain("right");
    expect(here.handled).not.toContain("deep");
  });
});

describe("a retained message on a request topic", () => {
  test("is no request: it is dropped at every connect, and warned of once", async () => {
    await using here = await scene();
    here.broker.publish({ topic: TOPIC, payload: request("old"), retain: true });
    await promisesSettled();
    // This copy came as it was published; those that the broker keeps come with a subscription.
    here.handled.length = 0;
    for (let times = 0; times < 2; times += 1) {
      await here.device.disconnect();
      await here.device.connect();
    }
    await here.ask();
    expect(here.handled).not.toContain("old");
    expect(here.logged.filter(({ message }) => message.includes("retained"))).toMatchObject([
      { level: "warn" },
      { level: "debug" },
    ]);
  });
});

describe("a request larger than maxPayloadBytes", () => {
  test("is answered 413, and read no further than its ends", async () => {
    await using here = await scene({ maxPayloadBytes: 1_000 });
    const asked = here.requester.request({
      targetDeviceTag: "device",
      subsystem: "axuv",
      path: "gains",
      body: "x".repeat(5_000),
    });
    await expect(asked).rejects.toMatchObject({ responseCode: 413, path: "gains" });
    expect(here.handled).toEqual([]);
    expect(here.device.statistics).toMatchObject({ oversizedRequests: 1, invalidMessages: 0 });
  });
});

describe("a response whose header has a method, too", () => {
  const answerLikeFirmware = (broker: MemoryBroker): MQTTClient => {
    const firmware = new MQTTClient({ ...broker.connection, identifier: "firmware" });
    firmware.addMessageHandler(
      new MessageHandlerBase({
        canHandle: (_client, topic) => topic.includes("/request/"),
        process: (_client, topic, payload) => {
          const header = { ...(payload["header"] as object), response_code: 205 };
          broker.publish({
            topic: topic.replace("/request/", "/response/"),
            payload: JSON.stringify({ header, body: [1, 2], timestamp: 0 }),
          });
        },
      }),
    );
    return firmware;
  };

  test("settles its request, and is shown to response handlers, not to request handlers", async () => {
    await using here = await scene();
    const firmware = await answerLikeFirmware(here.broker).connect();
    const seen: string[] = [];
    const { requester } = here;
    requester.addMessageHandler(
      new RequestHandlerBase({ process: () => void seen.push("request") }),
    );
    requester.addMessageHandler(
      new ResponseHandlerBase({ process: () => void seen.push("response") }),
    );
    const { body } = await requester.device("firmware", "axuv").get("gains");
    expect(body).toEqual([1, 2]);
    expect(seen).toEqual(["response"]);
    await firmware.disconnect();
  });

  test("is a request on a request topic", async () => {
    await using here = await scene();
    const payload = request("odd").replace('"path"', '"response_code":205,"path"');
    here.broker.publish({ topic: TOPIC, payload });
    await here.ask();
    expect(here.handled).toContain("odd");
  });
});

describe("error answers", () => {
  const failing = new RequestHandlerBase({
    process: () => {
      throw new Error("broken");
    },
  });

  test.each([
    ["a filter that names it", "gf_int_v1/+/request/behind/+"],
    ["a shared filter that names it", "$share/gateways/gf_int_v1/+/request/behind/+"],
  ])(
    "are sent for a target that this client serves by %s, subscribed at run time",
    async (_what, filter) => {
      await using here = await scene();
      const gateway = new MQTTClient({ ...here.broker.connection, identifier: "gateway" });
      gateway.addMessageHandler(failing);
      await gateway.connect();
      await gateway.subscribe(filter);
      const asked = here.requester.device("behind", "axuv").get("gains", { timeoutMs: 500 });
      await expect(asked).rejects.toMatchObject({ responseCode: 500 });
      await gateway.disconnect();
    },
  );

  test("are not sent by a monitor, whose filter names nobody", async () => {
    await using here = await scene();
    const monitor = new MQTTClient({ ...here.broker.connection, identifier: "monitor" });
    monitor.addMessageHandler(failing);
    await monitor.connect();
    await monitor.subscribe("gf_int_v1/+/request/#");
    expect((await here.ask()).body).toBe(1);
    await monitor.disconnect();
  });
});
