import { describe, expect, test } from "vitest";
import { GatewayTimeoutResponse } from "../../src/index.ts";
import type { MQTTClientOptions } from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { ContractClient } from "./client-under-test.ts";
import { gains, responseTo, responseTopicOf, serve, serveEcho } from "./devices.ts";
import { Logbook } from "./logbook.ts";
import { testConcurrency, testProperties, testRefusedFilters, testRefusedIds } from "./needs.ts";
import type { Stage } from "./stage.ts";

const MODES = ["auto", "mailbox", "per-request"] as const;
const OWN_IDS = [0, 1, 2, 3, 4].map((last) => `16fd2706-8baf-433b-82eb-8c7fada847d${last}`);

/** How responses find their way back. */
export const routingCases = (stage: Stage): void => {
  /** A device that takes the last segment of the response's topic from the request's header. */
  const serveByHeader = (device: ContractClient): ContractClient => {
    device.addMessageHandler(
      new stage.handlers.RequestHandlerBase({
        process: (client, topic, request) => {
          const place = responseTopicOf(topic).split("/").slice(0, -1);
          const response = responseTo(request, { body: request.body });
          return client.publish([...place, request.header.request_id].join("/"), response);
        },
      }),
    );
    return device;
  };

  /** The bodies that five requests, one after another, bring back. */
  const askFive = async (requester: ContractClient, device: ContractClient): Promise<unknown[]> => {
    const bodies: unknown[] = [];
    for (const body of [0, 1, 2, 3, 4]) {
      bodies.push((await requester.request({ ...gains(device), body })).body);
    }
    return bodies;
  };

  describe.each(MODES)("with the routing %j,", (responseRouting) => {
    test("a device that answers on the request's topic is heard", async () => {
      const { requester, device } = await stage.pair({ requester: { responseRouting } });
      serveEcho(stage, device);
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
    });

    test("requests leave no subscription behind", async () => {
      const { requester, device } = await stage.pair({ requester: { responseRouting } });
      serveEcho(stage, device);
      const held = requester.statistics.subscriptionsHeld;
      await askFive(requester, device);
      await rejectionOf(() =>
        requester.request({ ...gains({ identifier: "nobody" }), timeoutMs: 20 }),
      );
      expect(requester.statistics.subscriptionsHeld).toBe(held);
    });

    testConcurrency(stage)("many at once get each their own answer", async () => {
      const { requester, device } = await stage.pair({ requester: { responseRouting } });
      serveEcho(stage, device);
      const bodies = Array.from({ length: 100 }, (_, body) => body);
      const responses = await stage.concurrently(
        bodies.map((body) => () => requester.request({ ...gains(device), body })),
      );
      expect(responses.map(({ body }) => body)).toEqual(bodies);
    });
  });

  describe("a device that answers on the topic of the header's id", () => {
    test.each(["auto", "per-request"] as const)("is heard with the routing %j", async (mode) => {
      const { requester, device } = await stage.pair({ requester: { responseRouting: mode } });
      serveByHeader(device);
      const held = requester.statistics.subscriptionsHeld;
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      expect(requester.statistics.subscriptionsHeld).toBe(held);
    });

    testConcurrency(stage)("is heard with many requests at once, too", async () => {
      const { requester, device } = await stage.pair();
      serveByHeader(device);
      const bodies = Array.from({ length: 100 }, (_, body) => body);
      const responses = await stage.concurrently(
        bodies.map((body) => () => requester.request({ ...gains(device), body })),
      );
      expect(responses.map(({ body }) => body)).toEqual(bodies);
    });

    test("is heard in the place of one that answers otherwise, from the second request on", async () => {
      const { requester, device } = await stage.pair();
      let byHeader = false;
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (client, topic, request) => {
            const place = responseTopicOf(topic).split("/");
            const last = byHeader ? [request.header.request_id] : place.slice(-1);
            const answers = [...place.slice(0, -1), ...last].join("/");
            return client.publish(answers, responseTo(request, { body: request.body }));
          },
        }),
      );
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      byHeader = true;
      await rejectionOf(() => requester.request({ ...gains(device), timeoutMs: 50 }));
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      byHeader = false;
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
    });

    test("is not heard with the mailbox alone", async () => {
      const { requester, device } = await stage.pair({ requester: { responseRouting: "mailbox" } });
      serveByHeader(device);
      const error = await rejectionOf(() => requester.request({ ...gains(device), timeoutMs: 50 }));
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    });
  });

  describe("the mailbox", () => {
    const withMailbox = (
      further: Partial<Pick<MQTTClientOptions, "createId" | "logger" | "responseRouting">> = {},
    ) => {
      const mailbox = stage.identifier("mailbox");
      const filter = `gf_int_v1/+/response/+/${mailbox}`;
      return { mailbox, filter, options: { mailbox, ...further } };
    };

    test("is the last segment of every topic", async () => {
      const { mailbox, options } = withMailbox();
      const { requester, device } = await stage.pair({ requester: options });
      serve(stage, device, (_request, topic) => ({ body: topic.split("/").at(-1) }));
      expect((await requester.request(gains(device))).body).toBe(mailbox);
    });

    test("takes no answer of another device or subsystem: it is counted and ignored", async () => {
      const { mailbox, options } = withMailbox();
      const { requester, device } = await stage.pair({ requester: options });
      const peer = await stage.peer();
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (_client, topic, request) => {
            const [right, wrong] = ["right", "wrong"].map((body) =>
              JSON.stringify(responseTo(request, { body })),
            );
            const other = `gf_int_v1/axuv/response/other/${mailbox}`;
            const elsewhere = `gf_int_v1/elsewhere/response/${device.identifier}/${mailbox}`;
            peer.send({ topic: other, payload: wrong ?? "" });
            peer.send({ topic: elsewhere, payload: wrong ?? "" });
            peer.send({ topic: responseTopicOf(topic), payload: right ?? "" });
          },
        }),
      );
      expect((await requester.request(gains(device))).body).toBe("right");
      expect(requester.statistics).toMatchObject({ unsolicitedResponses: 2, responsesReceived: 1 });
    });

    testRefusedFilters(stage)(
      "where the broker refuses it is done without, with a warning",
      async () => {
        const logger = new Logbook();
        const { filter, options } = withMailbox({ logger });
        const broker = await stage.ownBroker({ refusedFilters: [filter] });
        const { requester, device } = await stage.pair({ requester: options }, broker);
        serveEcho(stage, device);
        expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
        const warning = await logger.entries.next(({ fields }) => fields["filter"] === filter);
        expect(["warn", "error"]).toContain(warning.level);
      },
    );

    testRefusedIds(stage)("serves alone where the broker grants nothing else", async () => {
      const ids = [...OWN_IDS];
      const { options } = withMailbox({ createId: () => ids.shift() ?? "no more ids" });
      const device = stage.identifier("device");
      const refusedFilters = OWN_IDS.map((id) => `gf_int_v1/axuv/response/${device}/${id}`);
      const broker = await stage.ownBroker({ refusedFilters });
      const pair = await stage.pair({ requester: options, device: { identifier: device } }, broker);
      serveEcho(stage, pair.device);
      expect(await askFive(pair.requester, pair.device)).toEqual([0, 1, 2, 3, 4]);
    });
  });

  describe("with MQTT 5, a request", () => {
    testProperties(stage)("carries its deadline, the topic of its answer, and its id", async () => {
      const { requester, device } = await stage.pair();
      const answers: string[] = [];
      serve(stage, device, (_request, topic) => {
        answers.push(responseTopicOf(topic));
        return {};
      });
      const peer = await stage.peer();
      const heard = await peer.listen(`gf_int_v1/+/request/${device.identifier}/+`);
      const { header } = await requester.request({ ...gains(device), timeoutMs: 9_500 });
      const { properties } = await heard.next();
      expect(properties).toEqual({
        responseTopic: answers[0],
        correlationData: header.request_id,
        expirySeconds: expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 10),
      });
    });
  });
};
