import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { cbor } from "../../src/cbor.ts";
import {
  InternalServerErrorResponse,
  MQTTClient,
  NotFoundResponse,
  PayloadValidationError,
  RequestEntityTooLargeResponse,
  RequestHandlerBase,
  ResourceRouter,
  ResponseHandlerBase,
} from "../../src/index.ts";
import type { IncomingMessage, MQTTClientOptions, Transport } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";

const BOTH = { contentFormats: [cbor] };
const samples = { t0: 0.5, channels: [Float32Array.of(1.5, 2.5), Float32Array.of(-1, 1)] };
const COUNT = 2n ** 60n + 1n;

/** A transport that notes the first character of all that arrives: `{` in JSON. */
const noting = ({ dial }: Transport, arrived: string[]): Transport => ({
  dial: (request) =>
    dial({
      ...request,
      onMessage: (message: IncomingMessage) => {
        arrived.push(message.payload[0] === 0x7b ? "JSON" : "CBOR");
        request.onMessage(message);
      },
    }),
});

/** A device with a resource that keeps what it is given, and who asks it. */
const scene = async (
  deviceOptions: Partial<MQTTClientOptions> = BOTH,
  requesterOptions: Partial<MQTTClientOptions> = BOTH,
) => {
  const broker = new MemoryBroker();
  const { connection } = broker;
  const { logger, entries } = recordingLogger();
  const atDevice: string[] = [];
  const atRequester: string[] = [];
  const device = new MQTTClient({
    ...connection,
    transport: noting(connection.transport, atDevice),
    identifier: "d",
    logger,
    ...deviceOptions,
  });
  const requester = new MQTTClient({
    ...connection,
    transport: noting(connection.transport, atRequester),
    timeoutMs: 1_000,
    ...requesterOptions,
  });
  const router = new ResourceRouter({ subsystem: "axuv" });
  let kept: unknown = samples;
  router.get("data", () => kept);
  router.put("data", ({ body }) => {
    kept = body;
  });
  router.get("count", () => 1);
  device.addMessageHandler(router);
  await Promise.all([device.connect(), requester.connect()]);
  return {
    ...{ device, requester, router, entries, atDevice, atRequester, broker, connection },
    axuv: requester.device("d", "axuv"),
    kept: () => kept,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([device.disconnect(), requester.disconnect()]);
    },
  };
};

describe("who asks for CBOR", () => {
  test("gets it from a device that has it, with typed arrays and exact integers", async () => {
    await using there = await scene();
    expect((await there.axuv.get("data")).body).toStrictEqual(samples);
    there.router.get("big", () => COUNT);
    expect(await there.axuv.read("big", v.bigint())).toBe(COUNT);
    expect(there.atRequester).toEqual(["CBOR", "CBOR"]);
  });

  test("says so in the header of its requests, which are JSON without a body", async () => {
    await using there = await scene();
    const response = await there.axuv.get("data");
    expect(response.header).not.toHaveProperty("accept");
    await there.axuv.get("data");
    expect(there.atDevice).toEqual(["JSON", "JSON"]);
    const asked = new Promise((resolve) => {
      there.router.get("asked", ({ payload }) => {
        resolve(payload.header["accept"]);
      });
    });
    await there.axuv.get("asked");
    expect(await asked).toEqual([60, 50]);
  });

  test("gets JSON from a device without it, and sends it JSON", async () => {
    await using there = await scene({});
    expect((await there.axuv.get("count")).body).toBe(1);
    await there.axuv.put("data", [1]);
    expect([...there.atRequester, ...there.atDevice]).toEqual(["JSON", "JSON", "JSON", "JSON"]);
  });

  test("gets errors in it, too", async () => {
    await using there = await scene();
    await expect(there.axuv.get("nothing")).rejects.toBeInstanceOf(NotFoundResponse);
    expect(there.atRequester).toEqual(["CBOR"]);
  });

  test("sees typed arrays in its schemas and handlers", async () => {
    await using there = await scene();
    const seen: unknown[] = [];
    there.requester.addMessageHandler(
      new ResponseHandlerBase({
        process: (_client, _topic, { body }) => {
          seen.push(body);
        },
      }),
    );
    const Samples = v.object({ t0: v.number(), channels: v.array(v.instance(Float32Array)) });
    expect(await there.axuv.read("data", Samples)).toStrictEqual(samples);
    expect(seen).toStrictEqual([samples]);
  });

  test("gets it from respond() as well", async () => {
    await using there = await scene();
    there.device.removeMessageHandler(there.router);
    there.device.addMessageHandler(
      new RequestHandlerBase({
        process: (client, topic, request) => client.respond(topic, request, { body: samples }),
      }),
    );
    expect((await there.axuv.get("data")).body).toStrictEqual(samples);
  });
});

describe("who does not ask for CBOR", () => {
  test("gets JSON", async () => {
    await using there = await scene(BOTH, {});
    expect((await there.axuv.get("count")).body).toBe(1);
    expect(there.atRequester).toEqual(["JSON"]);
  });

  test("gets 500 for what JSON cannot carry", async () => {
    await using there = await scene(BOTH, {});
    await expect(there.axuv.get("data")).rejects.toBeInstanceOf(InternalServerErrorResponse);
    expect(there.atRequester).toEqual(["JSON"]);
  });

  test("drops it where it comes nevertheless", async () => {
    await using there = await scene(BOTH, {});
    there.device.addMessageHandler(
      new RequestHandlerBase({
        process: (client, topic, request) => {
          request.header["accept"] = [60];
          return client.respond(topic, request, { body: 1 });
        },
      }),
    );
    there.device.removeMessageHandler(there.router);
    await expect(there.axuv.get("count", { timeoutMs: 20 })).rejects.toThrow("no response");
    expect(there.requester.statistics.invalidMessages).toBe(1);
  });
});

describe("a body goes in CBOR", () => {
  test("to a device that has answered in it", async () => {
    await using there = await scene();
    await there.axuv.get("count");
    await there.axuv.put("data", { gains: Float64Array.of(1, 2) });
    expect(there.kept()).toStrictEqual({ gains: Float64Array.of(1, 2) });
    expect(there.atDevice).toEqual(["JSON", "CBOR"]);
  });

  test("to an unknown device where JSON cannot carry it, once that has said that it has CBOR", async () => {
    await using there = await scene();
    await there.axuv.put("data", Float64Array.of(1, 2));
    expect(there.kept()).toStrictEqual(Float64Array.of(1, 2));
    expect(there.atDevice).toEqual(["JSON", "CBOR"]);
  });

  test("to nobody else: it is refused, with its place", async () => {
    await using there = await scene({});
    const refused = there.axuv.put("data", { gains: Float64Array.of(1, 2) });
    await expect(refused).rejects.toBeInstanceOf(PayloadValidationError);
    await expect(refused).rejects.toThrow(
      "body.gains: JSON cannot carry a Float64Array; send Array.from(it); d has no other format than JSON",
    );
    expect(there.atDevice).toEqual(["JSON"]);
  });

  test("no more, once the device answers in JSON", async () => {
    await using there = await scene();
    await there.axuv.get("count");
    await there.device.disconnect();
    const successor = new MQTTClient({ ...there.connection, identifier: "d" });
    successor.addMessageHandler(there.router);
    await successor.connect();
    await there.axuv.get("count");
    await there.axuv.put("data", [1]);
    expect(there.kept()).toEqual([1]);
    await successor.disconnect();
  });

  test("through outgoing handlers, and with a token", async () => {
    await using there = await scene();
    await there.axuv.get("count");
    there.requester.addMessageHandler(
      new RequestHandlerBase({
        direction: "outgoing",
        process: (_client, _topic, request) => ({ ...request, body: Int8Array.of(-1) }),
      }),
    );
    await there.axuv.put("data", Int8Array.of(1), { token: "t" });
    expect(there.kept()).toStrictEqual(Int8Array.of(-1));
  });

  test("but not what neither can carry", async () => {
    await using there = await scene();
    const refused = there.axuv.put("data", [undefined]);
    await expect(refused).rejects.toThrow("body[0]: JSON cannot carry undefined");
    expect(there.atDevice).toEqual([]);
    await there.axuv.get("count");
    await expect(there.axuv.put("data", [1, undefined])).rejects.toThrow(
      "body[1]: CBOR cannot carry undefined",
    );
  });
});

test("CBOR that cannot be read is counted and dropped", async () => {
  await using there = await scene();
  const topic = "gf_int_v1/axuv/request/d/mailbox";
  there.broker.publish({ topic, payload: Uint8Array.of(0xa1, 0x61, 0xff) });
  await there.axuv.get("count");
  expect(there.device.statistics.invalidMessages).toBe(1);
  expect(there.entries).toContainEqual({
    level: "warn",
    fields: { topic, bytes: 3, error: "not CBOR" },
    message: "dropped a message that cannot be read",
  });
});

test("a request in CBOR that is too large is answered 413, unread", async () => {
  await using there = await scene({ ...BOTH, maxPayloadBytes: 1_000 });
  await there.axuv.get("count");
  const sent = there.axuv.put("data", new Float32Array(1_000));
  await expect(sent).rejects.toBeInstanceOf(RequestEntityTooLargeResponse);
  await expect(sent).rejects.toMatchObject({ path: "data" });
});

test.each([
  ["no list", cbor],
  ["JSON, which is always there", [{ ...cbor, id: 50 }]],
  ["no format", [{ id: 60 }]],
])("%s is refused as contentFormats", (_, contentFormats) => {
  const options = { broker: "localhost", contentFormats } as MQTTClientOptions;
  expect(() => new MQTTClient(options)).toThrow(
    /option "contentFormats" is .*; expected a list of formats/,
  );
});
