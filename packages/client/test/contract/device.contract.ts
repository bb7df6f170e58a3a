import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  ClientClosedError,
  GatewayTimeoutResponse,
  NotFoundResponse,
  PayloadValidationError,
  UnknownOptionError,
} from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import { gains, serve, serveEcho } from "./devices.ts";
import { testPromises } from "./needs.ts";
import { Gate } from "./patience.ts";
import type { Pair, Stage } from "./stage.ts";

const BATCH = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

const channels = v.array(v.object({ gain: v.number(), name: v.string() }));

/** The handle of a device, and schemas for what it answers. */
export const deviceCases = (stage: Stage): void => {
  const echoPair = async (): Promise<Pair> => {
    const pair = await stage.pair();
    serveEcho(stage, pair.device);
    return pair;
  };

  describe("the handle of a device", () => {
    /** A device that answers with what it was asked. */
    const mirrorPair = async (): Promise<Pair> => {
      const pair = await stage.pair();
      serve(stage, pair.device, ({ header, body }, topic) => ({
        body: [header.method, header.path, topic.split("/")[1], body],
      }));
      return pair;
    };

    test.each(["get", "delete"] as const)(
      "sends with %s() the request of that name",
      async (method) => {
        const { requester, device } = await mirrorPair();
        const axuv = requester.device(device.identifier, "axuv");
        const { body } = await axuv[method]("gains", { body: [7] });
        expect(body).toEqual([method.toUpperCase(), "gains", "axuv", [7]]);
      },
    );

    test.each(["post", "put"] as const)(
      "sends with %s() the request of that name, and the body given",
      async (method) => {
        const { requester, device } = await mirrorPair();
        const axuv = requester.device(device.identifier, "axuv");
        const answered = [
          await axuv[method]("gains", [7]),
          await axuv[method]("gains", { body: 7 }, { qos: 1 }),
          await axuv[method]("gains"),
        ];
        const name = method.toUpperCase();
        expect(answered.map(({ body }) => body)).toEqual([
          [name, "gains", "axuv", [7]],
          [name, "gains", "axuv", { body: 7 }],
          [name, "gains", "axuv", null],
        ]);
      },
    );

    test.each(["post", "put"] as const)(
      "refuses a body among the options of %s(): it would be lost",
      async (method) => {
        const axuv = (await stage.client()).device("device", "axuv");
        const options = { body: 7 } as object;
        const error = await rejectionOf(() => axuv[method]("gains", 1, options));
        expect(error).toBeInstanceOf(UnknownOptionError);
      },
    );

    test("gives with read() the body alone, typed by a schema where there is one", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: [header.method === "GET" ? 1 : 0] }));
      const axuv = requester.device(device.identifier, "axuv");
      const typed = await axuv.read("gains", v.array(v.number()));
      expectTypeOf(typed).toEqualTypeOf<number[]>();
      expect([
        typed,
        await axuv.read("gains"),
        await axuv.read("gains", undefined, { qos: 1 }),
      ]).toEqual([[1], [1], [1]]);
      const error = await rejectionOf(() => axuv.read("gains", v.string()));
      expect(error).toBeInstanceOf(PayloadValidationError);
    });

    test("needs no options", async () => {
      const { requester, device } = await echoPair();
      expect((await requester.device(device.identifier, "axuv").get("gains")).body).toBeNull();
    });

    test("says which device it is of", async () => {
      const client = await stage.client();
      const handle = client.device("2D_XX_0_9999", "axuv");
      expect(handle).toMatchObject({ targetDeviceTag: "2D_XX_0_9999", subsystem: "axuv" });
    });

    test("passes on token, correlation id and QoS", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: [header.token, header.correlation_id] }));
      const axuv = requester.device(device.identifier, "axuv");
      const { body } = await axuv.get("gains", { token: "t", correlationId: BATCH, qos: 1 });
      expect(body).toEqual(["t", BATCH]);
    });

    test("rejects with the exception of an error code", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, () => ({ code: 404 }));
      const axuv = requester.device(device.identifier, "axuv");
      const error = await rejectionOf(() => axuv.delete("gains"));
      expect(error).toBeInstanceOf(NotFoundResponse);
      expect(error).toMatchObject({ method: "DELETE", path: "gains", target: device.identifier });
    });

    test("keeps its methods when they are taken from it", async () => {
      const { requester, device } = await echoPair();
      const { put } = requester.device(device.identifier, "axuv");
      expect((await put("gains", 1)).body).toBe(1);
    });
  });

  describe("a schema", () => {
    test("gives the response's body its type", async () => {
      const { requester, device } = await echoPair();
      const sent = [{ gain: 1.5, name: "a" }];
      const response = await requester.request({ ...gains(device), body: sent, schema: channels });
      expectTypeOf(response.body).toEqualTypeOf<{ gain: number; name: string }[]>();
      expect(response.body).toEqual(sent);
    });

    test("gives it with the handle of a device, too", async () => {
      const { requester, device } = await echoPair();
      const schema = v.array(v.number());
      const axuv = requester.device(device.identifier, "axuv");
      const { body } = await axuv.put("gains", [1, 2], { schema });
      expectTypeOf(body).toEqualTypeOf<number[]>();
      expect(body).toEqual([1, 2]);
    });

    test("that transforms has its output in the body, and the rest stays", async () => {
      const { requester, device } = await echoPair();
      const schema = v.pipe(v.string(), v.transform(Number));
      const response = await requester.request({ ...gains(device), body: "17", schema });
      expectTypeOf(response.body).toEqualTypeOf<number>();
      expect(response.body).toBe(17);
      expect(response.header).toMatchObject({ response_code: 205, path: "gains" });
    });

    test("that fills in defaults gives the filled-in body", async () => {
      const { requester, device } = await echoPair();
      const schema = v.object({ gain: v.optional(v.number(), 1) });
      expect((await requester.request({ ...gains(device), body: {}, schema })).body).toEqual({
        gain: 1,
      });
    });

    test("that refuses the body rejects with every issue at its place", async () => {
      const { requester, device } = await echoPair();
      const body = [{ gain: "1", name: "a" }, { gain: 2 }];
      const error = await rejectionOf(() =>
        requester.request({ ...gains(device), body, schema: channels }),
      );
      expect(error).toBeInstanceOf(PayloadValidationError);
      expect(error).toMatchObject({
        code: "INVALID_PAYLOAD",
        issues: [
          { path: "body[0].gain", message: expect.any(String) },
          { path: "body[1].name", message: expect.any(String) },
        ],
      });
    });

    test("that refuses the body as a whole rejects with the body as the place", async () => {
      const { requester, device } = await echoPair();
      const error = await rejectionOf(() =>
        requester.request({ ...gains(device), body: "text", schema: channels }),
      );
      expect(error).toMatchObject({ issues: [{ path: "body" }] });
    });

    test("is not asked about an error response", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, () => ({ code: 404, body: "none" }));
      const error = await rejectionOf(() =>
        requester.request({ ...gains(device), schema: channels }),
      );
      expect(error).toBeInstanceOf(NotFoundResponse);
    });

    test("is asked about what the response handlers made of the body", async () => {
      const { requester, device } = await echoPair();
      requester.addMessageHandler(
        new stage.handlers.ResponseHandlerBase({
          process: (_client, _topic, response) => ({ ...response, body: [{ gain: 1, name: "a" }] }),
        }),
      );
      const response = await requester.request({ ...gains(device), body: 0, schema: channels });
      expect(response.body).toEqual([{ gain: 1, name: "a" }]);
    });

    test("that throws rejects with what it threw", async () => {
      const { requester, device } = await echoPair();
      const fault = new Error("mine");
      const schema = v.pipe(
        v.unknown(),
        v.transform(() => {
          throw fault;
        }),
      );
      const error = await rejectionOf(() => requester.request({ ...gains(device), schema }));
      expect(error).toBe(fault);
    });

    testPromises(stage)("that is asynchronous is waited for", async () => {
      const { requester, device } = await echoPair();
      const schema = v.pipeAsync(
        v.number(),
        v.transformAsync(async (gain) => gain * 2),
      );
      expect((await requester.request({ ...gains(device), body: 21, schema })).body).toBe(42);
    });

    describe("that never comes to a verdict", () => {
      /** A schema that opens the gate and then says nothing. */
      const silentSchema = (begun: Gate) =>
        v.pipeAsync(
          v.unknown(),
          v.checkAsync(() => {
            begun.open();
            return new Promise<boolean>(() => undefined);
          }),
        );

      testPromises(stage)("holds the caller no longer than the deadline", async () => {
        const { requester, device } = await echoPair();
        const schema = silentSchema(new Gate("the schema"));
        const error = await rejectionOf(() =>
          requester.request({ ...gains(device), schema, timeoutMs: 50 }),
        );
        expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      });

      testPromises(stage)("does not outlast the client", async () => {
        const { requester, device } = await echoPair();
        const begun = new Gate("the schema");
        const schema = silentSchema(begun);
        const [error] = await stage.concurrently<unknown>([
          () => rejectionOf(() => requester.request({ ...gains(device), schema })),
          async () => {
            await begun.passed();
            await requester.disconnect();
          },
        ]);
        expect(error).toBeInstanceOf(ClientClosedError);
      });
    });
  });
};
