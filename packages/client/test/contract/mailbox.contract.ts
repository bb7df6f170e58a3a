import { describe, expect, test } from "vitest";
import { andThen } from "./client-under-test.ts";
import type { ContractClient, ContractOptions } from "./client-under-test.ts";
import { gains, responseTo, responseTopicOf, serve, serveEcho } from "./devices.ts";
import { testConcurrency, testSeveralClients } from "./needs.ts";
import type { Stage } from "./stage.ts";

/** A device's way to build the topic of its response. */
type AnswersOn = (topic: string, requestId: string) => string;

const onRequestTopic: AnswersOn = (topic) => responseTopicOf(topic);
const onHeaderId: AnswersOn = (topic, requestId) =>
  [...responseTopicOf(topic).split("/").slice(0, -1), requestId].join("/");

/** What a client has beside responses to single requests: its own requests and its mailbox. */
const HELD = 2;

/** One subscription for the responses to all requests, and what it must not do. */
export const mailboxCases = (stage: Stage): void => {
  const askFive = async (
    requester: ContractClient,
    device: ContractClient,
  ): Promise<readonly unknown[]> => {
    const bodies: unknown[] = [];
    for (const body of [0, 1, 2, 3, 4]) {
      bodies.push((await requester.request({ ...gains(device), body })).body);
    }
    return bodies;
  };

  /**
   * Makes a device answer so, and gives the number of subscriptions that the requester held each time
   * when it was asked.
   */
  const watch = (
    { requester, device }: { readonly requester: ContractClient; readonly device: ContractClient },
    answersOn: AnswersOn,
  ): readonly number[] => {
    const held: number[] = [];
    device.addMessageHandler(
      new stage.handlers.RequestHandlerBase({
        process: (client, topic, request) => {
          held.push(requester.statistics.subscriptionsHeld);
          const { body, header } = request;
          return client.publish(answersOn(topic, header.request_id), responseTo(request, { body }));
        },
      }),
    );
    return held;
  };

  describe("while a request waits, the client holds", () => {
    test("a subscription more for the first one, and none from then on", async () => {
      const pair = await stage.pair();
      const held = watch(pair, onRequestTopic);
      expect(await askFive(pair.requester, pair.device)).toEqual([0, 1, 2, 3, 4]);
      expect(held).toEqual([HELD + 1, HELD, HELD, HELD, HELD]);
    });

    test("one more each time where the device answers on the topic of the header's id", async () => {
      const pair = await stage.pair();
      const held = watch(pair, onHeaderId);
      expect(await askFive(pair.requester, pair.device)).toEqual([0, 1, 2, 3, 4]);
      expect(held).toEqual(Array.from({ length: 5 }, () => HELD + 1));
      expect(pair.requester.statistics.subscriptionsHeld).toBe(HELD);
    });

    test.each([
      ["mailbox", [HELD, HELD, HELD, HELD, HELD]],
      ["per-request", [HELD, HELD, HELD, HELD, HELD]],
    ] as const)("as many with the routing %j each time", async (responseRouting, expected) => {
      // Without a mailbox, the topic of the one request takes its place.
      const pair = await stage.pair({ requester: { responseRouting } });
      const held = watch(pair, onRequestTopic);
      expect(await askFive(pair.requester, pair.device)).toEqual([0, 1, 2, 3, 4]);
      expect(held).toEqual(expected);
    });

    testConcurrency(stage)("a subscription for each of many first requests", async () => {
      const pair = await stage.pair();
      const held = watch(pair, onRequestTopic);
      const bodies = Array.from({ length: 50 }, (_, body) => body);
      const responses = await stage.concurrently(
        bodies.map((body) => () => pair.requester.request({ ...gains(pair.device), body })),
      );
      expect(responses.map(({ body }) => body)).toEqual(bodies);
      expect(Math.max(...held)).toBeLessThanOrEqual(HELD + 50);
      expect(pair.requester.statistics.subscriptionsHeld).toBe(HELD);
      expect(await askFive(pair.requester, pair.device)).toEqual([0, 1, 2, 3, 4]);
      expect(held.slice(-5)).toEqual([HELD, HELD, HELD, HELD, HELD]);
    });
  });

  describe("a device that answers twice, once on each topic,", () => {
    test.each([
      ["on the request's first", [onRequestTopic, onHeaderId]],
      ["on the header's first", [onHeaderId, onRequestTopic]],
    ] as const)("%s, is heard once", async (_order, [first, second]) => {
      const { requester, device } = await stage.pair();
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (client, topic, request) => {
            const { body, header } = request;
            const response = responseTo(request, { body });
            return andThen(client.publish(first(topic, header.request_id), response), () =>
              client.publish(second(topic, header.request_id), response),
            );
          },
        }),
      );
      const seen: unknown[] = [];
      requester.addMessageHandler(
        new stage.handlers.ResponseHandlerBase({
          process: (_client, _topic, { body }) => void seen.push(body),
        }),
      );
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      expect(seen).toEqual([0, 1, 2, 3, 4]);
      expect(requester.statistics.responsesReceived).toBe(5);
    });
  });

  describe("the mailbox", () => {
    test("may be named after the client", async () => {
      const identifier = stage.identifier("requester");
      const options: ContractOptions = { identifier, mailbox: identifier };
      const { requester, device } = await stage.pair({ requester: options });
      const asked: string[] = [];
      serve(stage, device, ({ body }, topic) => {
        asked.push(topic.split("/").at(-1) ?? "");
        return { body };
      });
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      expect(new Set(asked)).toEqual(new Set([identifier]));
    });

    test("stays when the user subscribes to it as well and unsubscribes again", async () => {
      const mailbox = stage.identifier("mailbox");
      const { requester, device } = await stage.pair({ requester: { mailbox } });
      serveEcho(stage, device);
      const filter = `gf_int_v1/+/response/+/${mailbox}`;
      await requester.subscribe(filter);
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      await requester.unsubscribe(filter);
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      expect(requester.statistics.subscriptionsHeld).toBe(HELD);
    });

    test("answers each request once where the user subscribes to all responses", async () => {
      const { requester, device } = await stage.pair({
        requester: { subscriptions: ["gf_int_v1/+/response/#"] },
      });
      serveEcho(stage, device);
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      expect(requester.statistics).toMatchObject({ responsesReceived: 5, unsolicitedResponses: 0 });
    });

    test("is subscribed anew after a disconnect and another connect", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      await requester.disconnect();
      await requester.connect();
      if (!device.isConnected) await device.connect();
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      expect(requester.statistics.subscriptionsHeld).toBe(HELD);
    });

    testSeveralClients(stage)("of one client shows it no answers to others", async () => {
      const { requester, device } = await stage.pair();
      const other = await stage.client();
      serveEcho(stage, device);
      await askFive(requester, device);
      // Brokers hand on what one client sends in order.
      await askFive(other, device);
      expect(other.statistics).toMatchObject({ responsesReceived: 5, unsolicitedResponses: 0 });
    });

    testSeveralClients(stage)("may be shared: each client takes its own answers only", async () => {
      const mailbox = stage.identifier("mailbox");
      const { requester, device } = await stage.pair({ requester: { mailbox } });
      const other = await stage.client({ mailbox });
      serveEcho(stage, device);
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      expect(await askFive(other, device)).toEqual([0, 1, 2, 3, 4]);
      expect(other.statistics).toMatchObject({ responsesReceived: 5, unsolicitedResponses: 5 });
    });

    testSeveralClients(stage)("of the same name in another namespace is another one", async () => {
      const mailbox = stage.identifier("mailbox");
      const identifier = stage.identifier("device");
      const inLab = { namespace: "lab" };
      const here = await stage.pair({ requester: { mailbox }, device: { identifier } });
      const requester = await stage.client({ mailbox, ...inLab });
      const device = await stage.client({ ...inLab });
      for (const each of [here.device, device]) serveEcho(stage, each);
      expect(await askFive(here.requester, here.device)).toEqual([0, 1, 2, 3, 4]);
      expect(await askFive(requester, device)).toEqual([0, 1, 2, 3, 4]);
      for (const { statistics } of [here.requester, requester]) {
        expect(statistics).toMatchObject({ responsesReceived: 5, unsolicitedResponses: 0 });
      }
    });
  });
};
