import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";
import { GatewayTimeoutResponse, ResponseException } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import { andThen, rejectionOf } from "./client-under-test.ts";
import type { ContractClient } from "./client-under-test.ts";
import { answer, gains, responseTopicOf, serve, serveEcho } from "./devices.ts";
import { Logbook } from "./logbook.ts";
import { testConcurrency, testSeveralClients } from "./needs.ts";
import { Gate } from "./patience.ts";
import type { Stage } from "./stage.ts";

const EXCEPTIONS = [
  library.BadRequestResponse,
  library.UnauthorizedResponse,
  library.BadOptionResponse,
  library.ForbiddenResponse,
  library.NotFoundResponse,
  library.MethodNotAllowedResponse,
  library.NotAcceptableResponse,
  library.PreconditionFailedResponse,
  library.RequestEntityTooLargeResponse,
  library.UnsupportedContentFormatResponse,
  library.InternalServerErrorResponse,
  library.NotImplementedResponse,
  library.BadGatewayResponse,
  library.ServiceUnavailableResponse,
  library.GatewayTimeoutResponse,
  library.ProxyingNotSupportedResponse,
].map((errorClass) => ({ errorClass, name: errorClass.name }));

const SECRET = "the key is 4711";

const cycle = (): object => {
  const node: { self?: object } = {};
  node.self = node;
  return node;
};

/** Handlers of requests that arrive. */
export const requestHandlerCases = (stage: Stage): void => {
  const { MessageHandlerBase, RequestHandlerBase } = stage.handlers;

  const serveThrowing = (device: ContractClient, thrown: unknown): void =>
    serve(stage, device, () => {
      throw thrown;
    });

  /** Hears the answer to a bare request to the device. */
  const rawAnswer = async (device: ContractClient): Promise<string> => {
    const peer = await stage.peer();
    const topic = `gf_int_v1/axuv/request/${device.identifier}/a1`;
    const answers = await peer.listen(responseTopicOf(topic));
    const header = { method: "GET", path: "gains", request_id: "b2", correlation_id: "c3" };
    peer.send({ topic, payload: JSON.stringify({ header, body: null, timestamp: "0" }) });
    return (await answers.next()).text;
  };

  describe("a request handler", () => {
    test.each(EXCEPTIONS)("that throws a $name is answered for with it", async ({ errorClass }) => {
      const { requester, device } = await stage.pair();
      serveThrowing(device, new errorClass({ limit: 3 }));
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toBeInstanceOf(errorClass);
      expect(error).toMatchObject({ detail: { limit: 3 }, target: device.identifier });
    });

    test("that throws an exception with a code of its own is answered for with that", async () => {
      const { requester, device } = await stage.pair();
      serveThrowing(device, new ResponseException("later", { responseCode: 503 }));
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toMatchObject({ name: "ServiceUnavailableResponse", detail: "later" });
    });

    test("that throws one of a code outside the protocol is answered for with 500", async () => {
      const { requester, device } = await stage.pair();
      serveThrowing(device, new ResponseException(SECRET, { responseCode: 429 }));
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toMatchObject({ responseCode: 500 });
    });

    test("that throws one with a detail beyond JSON is answered for without it", async () => {
      const { requester, device } = await stage.pair();
      serveThrowing(device, new library.NotFoundResponse(cycle()));
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toMatchObject({ responseCode: 404, response: { body: null } });
    });

    test.each([new Error(SECRET), SECRET, { SECRET }, undefined, null])(
      "that throws something else (%s) is answered for with 500 and no more than that",
      async (thrown) => {
        const device = await stage.client();
        serveThrowing(device, thrown);
        const text = await rawAnswer(device);
        expect(JSON.parse(text)).toMatchObject({ header: { response_code: 500 } });
        expect(text).not.toContain(SECRET);
      },
    );

    test("that throws something else has it logged and counted", async () => {
      const logger = new Logbook();
      const device = await stage.client({ logger });
      const fault = new Error(SECRET);
      serveThrowing(device, fault);
      await rawAnswer(device);
      // A blocking client takes what its worker has logged before this, at the latest.
      expect(device.statistics.handlerErrors).toBe(1);
      expect(logger.errors).toEqual([fault]);
    });

    test("that throws has the request's ids copied to the answer, whatever they are", async () => {
      const device = await stage.client();
      serveThrowing(device, new library.NotFoundResponse("none"));
      expect(JSON.parse(await rawAnswer(device))).toEqual({
        timestamp: expect.any(Number),
        body: "none",
        header: {
          request_id: "b2",
          path: "gains",
          correlation_id: "c3",
          source: device.identifier,
          response_code: 404,
        },
      });
    });

    test("that throws does not keep the next request from being served", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ body }) => {
        if (body === "bad") throw new Error("mine");
        return { body };
      });
      await rejectionOf(() => requester.request({ ...gains(device), body: "bad" }));
      expect((await requester.request({ ...gains(device), body: "good" })).body).toBe("good");
    });

    test("whose canHandle throws is answered for with 500", async () => {
      const { requester, device } = await stage.pair();
      device.addMessageHandler(
        new MessageHandlerBase({
          canHandle: (_client, topic) => {
            if (topic.includes("/request/")) throw new Error("mine");
            return false;
          },
          process: () => null,
        }),
      );
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toMatchObject({ responseCode: 500 });
    });

    test("that throws keeps the handlers after it from answering too", async () => {
      const { requester, device } = await stage.pair();
      serveThrowing(device, new library.ForbiddenResponse());
      serveEcho(stage, device);
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toBeInstanceOf(library.ForbiddenResponse);
    });

    test("that answers nothing leaves the requester to its deadline", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, () => undefined);
      const error = await rejectionOf(() => requester.request({ ...gains(device), timeoutMs: 30 }));
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    });

    test("sees no responses and no general messages", async () => {
      const client = await stage.client();
      const topics: (string | undefined)[] = [];
      serve(stage, client, (_request, topic) => {
        topics.push(topic.split("/")[2]);
        return {};
      });
      await client.subscribe(`gf_int_v1/+/event/${client.identifier}/+`);
      await client.publish(`gf_int_v1/axuv/event/${client.identifier}/a`, { body: 1 });
      await client.request(gains(client));
      expect(topics).toEqual(["request"]);
    });
  });

  describe("a request handler that requests something itself", () => {
    /** A device whose resource `n` is `n - 1` and one more. */
    const serveCounting = (client: ContractClient): void => {
      client.addMessageHandler(
        new RequestHandlerBase({
          process: (device, topic, request) => {
            const count = Number(request.header.path);
            if (count === 0) return answer(device, { topic, request }, { body: 0 });
            const below = device.request({ ...gains(device), path: String(count - 1) });
            return andThen(below, ({ body }) =>
              answer(device, { topic, request }, { body: Number(body) + 1 }),
            );
          },
        }),
      );
    };

    test("of its own device is served", async () => {
      const { requester, device } = await stage.pair();
      serveCounting(device);
      expect((await requester.request({ ...gains(device), path: "5" })).body).toBe(5);
    });

    testSeveralClients(stage)("of another device is served", async () => {
      const [requester, gateway, sensor] = [
        await stage.client(),
        await stage.client({ maxConcurrentRequests: 1 }),
        await stage.client(),
      ];
      serve(stage, sensor, ({ body }) => ({ body: ["measured", body] }));
      gateway.addMessageHandler(
        new RequestHandlerBase({
          process: (client, topic, request) =>
            andThen(client.request({ ...gains(sensor), body: request.body }), ({ body }) =>
              answer(client, { topic, request }, { body }),
            ),
        }),
      );
      const { body } = await requester.request({ ...gains(gateway), body: 1 });
      expect(body).toEqual(["measured", 1]);
    });

    test("and is refused passes the refusal on, if it does not catch it", async () => {
      const { requester, device } = await stage.pair();
      device.addMessageHandler(
        new RequestHandlerBase({
          process: (client, _topic, { header }) => {
            if (header.path === "missing") throw new library.NotFoundResponse("not below either");
            return andThen(client.request({ ...gains(device), path: "missing" }), () => null);
          },
        }),
      );
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toMatchObject({ name: "NotFoundResponse", detail: "not below either" });
    });
  });

  describe("requests for another identifier", () => {
    testSeveralClients(stage)("are served by a gateway that subscribed to them", async () => {
      const [requester, gateway] = [await stage.client(), await stage.client()];
      const behind = { identifier: stage.identifier("behind") };
      await gateway.subscribe(`gf_int_v1/+/request/${behind.identifier}/+`);
      serve(stage, gateway, ({ header }) => {
        if (header.path === "gains") return { body: "from behind" };
        throw new library.NotFoundResponse();
      });
      expect((await requester.request(gains(behind))).body).toBe("from behind");
      const error = await rejectionOf(() => requester.request({ ...gains(behind), path: "x" }));
      expect(error).toMatchObject({ name: "NotFoundResponse", target: behind.identifier });
    });

    testSeveralClients(stage)(
      "are not answered for by a monitor whose handler throws",
      async () => {
        const [requester, device, monitor] = [
          await stage.client(),
          await stage.client(),
          await stage.client(),
        ];
        serveEcho(stage, device);
        serveThrowing(monitor, new library.NotFoundResponse());
        await monitor.subscribe(`gf_int_v1/+/request/#`);
        const peer = await stage.peer();
        const answers = await peer.listen(`gf_int_v1/+/response/${device.identifier}/#`);
        for (const body of [1, 2, 3]) await requester.request({ ...gains(device), body });
        await monitor.request(gains(device));
        await answers.take(4);
        const codes = answers.all.map(({ text }) => JSON.parse(text).header.response_code);
        expect(codes).toEqual([205, 205, 205, 205]);
      },
    );
  });

  describe("a request that comes twice", () => {
    testConcurrency(stage)("while it is being handled is handled once, and counted", async () => {
      const device = await stage.client();
      const begun = new Arrivals<unknown>("a handler that begins");
      const gate = new Gate("the end of the handler");
      device.addMessageHandler(
        new RequestHandlerBase({
          process: async (client, topic, request) => {
            begun.push(request.body);
            await gate.passed();
            await answer(client, { topic, request });
          },
        }),
      );
      const peer = await stage.peer();
      const topic = `gf_int_v1/axuv/request/${device.identifier}/a`;
      const send = (id: string): void => {
        const header = { method: "GET", path: "gains", request_id: id };
        peer.send({ topic, payload: JSON.stringify({ header, body: id }) });
      };
      for (const id of ["once", "once", "other"]) send(id);
      expect(await begun.take(2)).toEqual(["once", "other"]);
      expect(device.statistics).toMatchObject({ duplicateRequests: 1, requestsReceived: 2 });
      gate.open();
    });

    test.each(["respond()", "publish()", "what it throws"])(
      "gets the answer of its first run, given with %s",
      async (how) => {
        const device = await stage.client();
        let runs = 0;
        device.addMessageHandler(
          new RequestHandlerBase({
            process: (client, topic, request) => {
              runs += 1;
              if (how === "respond()")
                return andThen(client.respond(topic, request, { body: runs }), () => undefined);
              if (how === "publish()")
                return andThen(answer(client, { topic, request }, { body: runs }), () => undefined);
              throw new library.NotFoundResponse(runs);
            },
          }),
        );
        const peer = await stage.peer();
        const heard = await peer.listen(`gf_int_v1/axuv/response/${device.identifier}/a`);
        const topic = `gf_int_v1/axuv/request/${device.identifier}/a`;
        const header = { method: "POST", path: "gains", request_id: "same", source: "me" };
        const payload = JSON.stringify({ header, body: null });
        const bodies: unknown[] = [];
        for (let time = 0; time < 3; time += 1) {
          peer.send({ topic, payload });
          bodies.push((await heard.next()).text);
        }
        const first = JSON.parse(String(bodies[0])) as { body: unknown };
        expect(first.body).toBe(1);
        expect(bodies).toEqual([bodies[0], bodies[0], bodies[0]]);
        expect(runs).toBe(1);
        expect(device.statistics.duplicateRequests).toBe(2);
      },
    );

    test("because the device subscribed to it otherwise, too, is handled once", async () => {
      const device = await stage.client();
      const handled = new Arrivals<unknown>("a handled request");
      // It answers nothing, so each request is done with before the next message is read.
      serve(stage, device, ({ body }) => {
        handled.push(body);
        return undefined;
      });
      await device.subscribe(`gf_int_v1/+/request/${device.identifier}/#`);
      await device.subscribe("gf_int_v1/axuv/request/#");
      const peer = await stage.peer();
      const topic = `gf_int_v1/axuv/request/${device.identifier}/a`;
      const bodies = Array.from({ length: 100 }, (_, body) => body);
      for (const body of bodies) {
        const header = { method: "GET", path: "gains", request_id: `id ${body}` };
        peer.send({ topic, payload: JSON.stringify({ header, body }) });
      }
      await handled.next((body) => body === bodies.at(-1));
      expect(handled.all).toEqual(bodies);
    });
  });
};
