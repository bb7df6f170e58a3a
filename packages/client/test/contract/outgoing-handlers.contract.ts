import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  GatewayTimeoutResponse,
  PayloadValidationError,
} from "../../src/index.ts";
import type { Payload, RequestPayload } from "../../src/index.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Heard } from "./brokers/hearing.ts";
import { andThen, rejectionOf } from "./client-under-test.ts";
import type { Awaitable, ContractClient, ContractHandler } from "./client-under-test.ts";
import { gains, serve, serveEcho } from "./devices.ts";
import { testConcurrency } from "./needs.ts";
import { Gate } from "./patience.ts";
import type { Stage } from "./stage.ts";

type OutgoingProcess = (
  client: ContractClient,
  topic: string,
  request: RequestPayload,
) => Awaitable<Payload | null | undefined | void>;

const OWN_ID = "16fd2706-8baf-433b-82eb-8c7fada847da";

// What a handler may make of a request although the types say otherwise.
const INVALID: readonly (readonly [name: string, damage: (request: RequestPayload) => unknown])[] =
  [
    ["no header", ({ body }) => ({ body, timestamp: 0 })],
    [
      "a header without a method",
      ({ header, ...rest }) => ({ ...rest, header: { path: header.path } }),
    ],
    [
      "an unknown method",
      ({ header, ...rest }) => ({ ...rest, header: { ...header, method: "PATCH" } }),
    ],
    [
      "an id that is none",
      ({ header, ...rest }) => ({ ...rest, header: { ...header, request_id: "1" } }),
    ],
    ["a body beyond JSON", (request) => ({ ...request, body: Number.NaN })],
    ["an array", (request) => [request]],
    ["a text", () => "request"],
  ];

/** Handlers of requests before they are sent. */
export const outgoingHandlerCases = (stage: Stage): void => {
  const { MessageHandlerBase, RequestHandlerBase } = stage.handlers;

  const outgoing = (process: OutgoingProcess, propagate = true): ContractHandler =>
    new RequestHandlerBase({ process, direction: "outgoing", propagate });

  /** Everything that is sent in the namespace of `client` from now on. */
  const listenTo = async (namespace: string): Promise<Arrivals<Heard>> => {
    const peer = await stage.peer();
    return peer.listen(`${namespace}/#`);
  };

  describe("an outgoing handler", () => {
    test("sees a request with the topic that it is sent on", async () => {
      const { requester, device } = await stage.pair();
      const topics: string[] = [];
      serve(stage, device, (_request, topic) => {
        topics.push(topic);
        return {};
      });
      const calls: unknown[][] = [];
      requester.addMessageHandler(
        outgoing((client, topic, { header }) => {
          calls.push([client === requester, topic, header.path]);
        }),
      );
      await requester.request(gains(device));
      expect(calls).toEqual([[true, topics[0], "gains"]]);
    });

    test("may add a header field in place", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: header["timing"] }));
      requester.addMessageHandler(
        outgoing((_client, _topic, { header }) => {
          header["timing"] = 17;
        }),
      );
      expect((await requester.request(gains(device))).body).toBe(17);
    });

    test("may replace the request", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header, body }) => ({ body: [header.path, header.method, body] }));
      requester.addMessageHandler(
        outgoing((_client, _topic, { header, timestamp }) => ({
          header: { ...header, path: "other", method: "PUT" },
          body: "mine",
          timestamp,
        })),
      );
      expect((await requester.request(gains(device))).body).toEqual(["other", "PUT", "mine"]);
    });

    test("may give the method in any form; its name is sent", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: header.method }));
      requester.addMessageHandler(
        outgoing((_client, _topic, request) => {
          const header: Record<string, unknown> = request.header;
          header["method"] = 4;
        }),
      );
      expect((await requester.request(gains(device))).body).toBe("DELETE");
    });

    test("may give the request another id; the response to that is the one", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: header.request_id }));
      requester.addMessageHandler(
        outgoing((_client, _topic, { header }) => {
          header.request_id = OWN_ID;
        }),
      );
      expect((await requester.request(gains(device))).body).toBe(OWN_ID);
    });

    test("may request something first", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({
        body: header.path === "token" ? "fresh" : header.token,
      }));
      requester.addMessageHandler(
        outgoing((client, _topic, request) => {
          if (request.header.path === "token") return null;
          return andThen(client.request({ ...gains(device), path: "token" }), ({ body }) => {
            request.header.token = String(body);
          });
        }),
      );
      expect((await requester.request(gains(device))).body).toBe("fresh");
    });

    test("passes what it made to the next, in the order in which they were added", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      for (const mark of ["a", "b"]) {
        requester.addMessageHandler(
          outgoing((_client, _topic, request) => ({
            ...request,
            body: `${String(request.body)}${mark}`,
          })),
        );
      }
      expect((await requester.request({ ...gains(device), body: "-" })).body).toBe("-ab");
    });

    test("with propagate false is the last", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      requester.addMessageHandler(outgoing(() => null, false));
      requester.addMessageHandler(
        outgoing(() => {
          throw new Error("reached");
        }),
      );
      expect((await requester.request({ ...gains(device), body: 1 })).body).toBe(1);
    });

    test("of the user's own making works like those of the library", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      const handler: ContractHandler = {
        propagate: true,
        direction: "outgoing",
        canHandle: (_client, _topic, { body }) => body === 1,
        handle: (_client, _topic, payload) => ({ ...payload, body: 2 }),
      };
      requester.addMessageHandler(handler);
      const bodies = [];
      for (const body of [0, 1]) {
        bodies.push((await requester.request({ ...gains(device), body })).body);
      }
      expect(bodies).toEqual([0, 2]);
    });

    test("that was removed changes nothing", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      const handler = outgoing((_client, _topic, request) => ({ ...request, body: 2 }));
      requester.addMessageHandler(handler);
      expect(requester.removeMessageHandler(handler)).toBe(true);
      expect((await requester.request({ ...gains(device), body: 1 })).body).toBe(1);
    });

    test("sees nothing that arrives, and those for what arrives see nothing that leaves", async () => {
      const client = await stage.client();
      const seen: string[] = [];
      client.addMessageHandler(outgoing(() => void seen.push("out")));
      client.addMessageHandler(new RequestHandlerBase({ process: () => void seen.push("in") }));
      client.addMessageHandler(
        new MessageHandlerBase({
          process: (_client, topic) => void seen.push(topic.split("/")[2] ?? ""),
        }),
      );
      serveEcho(stage, client);
      await client.request(gains(client));
      expect(seen).toEqual(["out", "in", "request", "response"]);
    });

    test("sees no message that is merely published", async () => {
      const client = await stage.client();
      client.addMessageHandler(
        outgoing(() => {
          throw new Error("reached");
        }),
      );
      const peer = await stage.peer();
      const heard = await peer.listen(`gf_int_v1/axuv/event/${client.identifier}/a`);
      await client.publish(`gf_int_v1/axuv/event/${client.identifier}/a`, { body: 1 });
      expect(JSON.parse((await heard.next()).text)).toEqual({ body: 1 });
    });
  });

  describe("an outgoing handler that fails", () => {
    test("rejects the request with what it threw, and nothing is sent", async () => {
      const namespace = stage.identifier("plant");
      const client = await stage.client({ namespace });
      const heard = await listenTo(namespace);
      const fault = new Error("mine");
      const handler = outgoing(() => {
        throw fault;
      });
      client.addMessageHandler(handler);
      expect(await rejectionOf(() => client.request(gains(client)))).toBe(fault);
      client.removeMessageHandler(handler);
      await client.publish(`${namespace}/the/end`, { body: 1 });
      expect((await heard.next()).topic).toBe(`${namespace}/the/end`);
    });

    test.each(INVALID)("making of the request %s, has the same effect", async (_name, damage) => {
      const namespace = stage.identifier("plant");
      const client = await stage.client({ namespace });
      const heard = await listenTo(namespace);
      client.addMessageHandler(outgoing((_client, _topic, request) => damage(request) as Payload));
      const error = await rejectionOf(() => client.request(gains(client)));
      expect(error).toBeInstanceOf(PayloadValidationError);
      await client.publish(`${namespace}/the/end`, { body: 1 });
      expect((await heard.next()).topic).toBe(`${namespace}/the/end`);
      expect(client.statistics.requestsSent).toBe(0);
    });

    test("in whatever it requests itself rejects with that", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, () => ({ code: 403 }));
      requester.addMessageHandler(
        outgoing((client, _topic, { header }) =>
          header.path === "token"
            ? null
            : andThen(client.request({ ...gains(device), path: "token" }), () => null),
        ),
      );
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toMatchObject({ name: "ForbiddenResponse", path: "token" });
    });
  });

  describe("while an outgoing handler is at work,", () => {
    /** A client whose outgoing handler has begun and does not end before the gate is open. */
    const busyClient = async () => {
      const namespace = stage.identifier("plant");
      const client = await stage.client({ namespace });
      const heard = await listenTo(namespace);
      const begun = new Gate("the outgoing handler");
      const gate = new Gate("the end of the outgoing handler");
      client.addMessageHandler(
        outgoing(async () => {
          begun.open();
          await gate.passed();
        }),
      );
      /** Lets the handler end, and checks that the request was not sent after all. */
      const expectNothingSent = async (): Promise<void> => {
        gate.open();
        await client.connect();
        await client.publish(`${namespace}/the/end`, { body: 1 });
        expect((await heard.next()).topic).toBe(`${namespace}/the/end`);
        expect(client.statistics.requestsSent).toBe(0);
      };
      return { client, begun, expectNothingSent };
    };

    testConcurrency(stage)("the deadline rejects the request, which is never sent", async () => {
      const { client, expectNothingSent } = await busyClient();
      const error = await rejectionOf(() => client.request({ ...gains(client), timeoutMs: 50 }));
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      await expectNothingSent();
    });

    testConcurrency(stage)("its signal rejects the request, which is never sent", async () => {
      const { client, begun, expectNothingSent } = await busyClient();
      const controller = new AbortController();
      const { signal } = controller;
      const [error] = await stage.concurrently<unknown>([
        () => rejectionOf(() => client.request({ ...gains(client), signal })),
        async () => {
          await begun.passed();
          controller.abort("enough");
        },
      ]);
      expect(error).toBe("enough");
      await expectNothingSent();
    });

    testConcurrency(stage)("disconnect() rejects the request, which is never sent", async () => {
      const { client, begun, expectNothingSent } = await busyClient();
      const [error] = await stage.concurrently<unknown>([
        () => rejectionOf(() => client.request({ ...gains(client), timeoutMs: 2_000 })),
        async () => {
          await begun.passed();
          await client.disconnect();
        },
      ]);
      expect(error).toBeInstanceOf(ClientClosedError);
      await expectNothingSent();
    });
  });
};
