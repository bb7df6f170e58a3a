import { describe, expect, test } from "vitest";
import {
  ask,
  askAtOnce,
  expectNoAnswer,
  extraTopicsOf,
  numbers,
  requestIdsOf,
  responseTopicOf,
} from "./asking.ts";
import { onBoth, onHeaderId, onRequestTopic } from "./raw-device.ts";
import { REAL_BROKERS, overBrokers } from "./routing-stage.ts";

const MAILBOX = "mailbox-1";

const lastOf = (topic: string): string => topic.split("/").at(-1) ?? "";

overBrokers(REAL_BROKERS, (stage) => {
  describe("a client", () => {
    test("subscribes to its own requests and to its mailbox, and to nothing else", async () => {
      const { wire, client } = await stage.requester({ identifier: "me", mailbox: MAILBOX });
      expect(wire.subscribed).toEqual([
        "gf_int_v1/+/request/me/+",
        `gf_int_v1/+/response/+/${MAILBOX}`,
      ]);
      expect(client.statistics.subscriptionsHeld).toBe(2);
    });
  });

  describe("a device that answers on the request's topic", () => {
    test("costs a subscription for its first request and none from then on", async () => {
      const { client, wire } = await stage.requester({ mailbox: MAILBOX });
      const { target } = await stage.device(onRequestTopic);
      expect(await ask(client, target, 5)).toEqual(numbers(5));
      const [first = ""] = requestIdsOf(wire);
      expect(extraTopicsOf(wire)).toEqual([responseTopicOf(target, first)]);
      expect(wire.unsubscribed).toEqual([responseTopicOf(target, first)]);
    });

    test("is asked on topics that end in the mailbox, each time with another id in the header", async () => {
      const { client, wire } = await stage.requester({ mailbox: MAILBOX });
      const { target } = await stage.device(onRequestTopic);
      await ask(client, target, 5);
      const topic = `gf_int_v1/axuv/request/${target}/${MAILBOX}`;
      expect(wire.published.map((message) => message.topic)).toEqual(
        Array.from({ length: 5 }, () => topic),
      );
      expect(new Set(requestIdsOf(wire)).size).toBe(5);
    });

    test("costs none at all with the mode mailbox", async () => {
      const { client, wire } = await stage.requester({
        mailbox: MAILBOX,
        responseRouting: "mailbox",
      });
      const { target } = await stage.device(onRequestTopic);
      expect(await ask(client, target, 5)).toEqual(numbers(5));
      expect([extraTopicsOf(wire), wire.unsubscribed]).toEqual([[], []]);
    });

    test("is asked anew how it answers after a request that it left unanswered", async () => {
      const { client, wire } = await stage.requester();
      const device = await stage.device(onRequestTopic);
      await ask(client, device.target, 2);
      device.answersOn = () => [];
      await expectNoAnswer(client, device.target);
      device.answersOn = onRequestTopic;
      await ask(client, device.target, 3);
      expect(extraTopicsOf(wire).length).toBe(2);
    });
  });

  describe("a device that answers on the topic of the header's id", () => {
    test("costs a subscription for each request and leaves none behind", async () => {
      const { client, wire } = await stage.requester();
      const { target } = await stage.device(onHeaderId);
      expect(await ask(client, target, 5)).toEqual(numbers(5));
      const topics = requestIdsOf(wire).map((id) => responseTopicOf(target, id));
      expect(extraTopicsOf(wire)).toEqual(topics);
      expect(client.statistics.subscriptionsHeld).toBe(2);
      await ask(client, target, 1);
      expect(wire.unsubscribed.slice(0, 5)).toEqual(topics);
    });

    test("is heard by 200 requests at once, each with its own answer", async () => {
      const { client, wire } = await stage.requester();
      const { target } = await stage.device(onHeaderId);
      expect(
        await askAtOnce(
          client,
          numbers(200).map(() => target),
        ),
      ).toEqual(numbers(200));
      expect(extraTopicsOf(wire).length).toBe(200);
      expect(client.statistics.subscriptionsHeld).toBe(2);
    });

    test("is not heard with the mode mailbox", async () => {
      const { client } = await stage.requester({ responseRouting: "mailbox" });
      const { target } = await stage.device(onHeaderId);
      await expectNoAnswer(client, target);
    });
  });

  describe("a device that answers on both topics", () => {
    test.each([
      ["the mailbox's first", onBoth(onRequestTopic, onHeaderId)],
      ["the header's first", onBoth(onHeaderId, onRequestTopic)],
    ])("%s, is heard once by each request", async (_order, answersOn) => {
      const { client } = await stage.requester();
      const { target } = await stage.device(answersOn);
      expect(await ask(client, target, 5)).toEqual(numbers(5));
      const { responsesReceived, unsolicitedResponses, lateResponses } = client.statistics;
      expect([responsesReceived, unsolicitedResponses, lateResponses]).toEqual([5, 0, 0]);
      expect(client.statistics.duplicateResponses).toBeGreaterThanOrEqual(1);
    });

    test("costs no subscription once it is known, though the header's answer comes first", async () => {
      const { client, wire } = await stage.requester();
      const { target } = await stage.device(onBoth(onHeaderId, onRequestTopic));
      // The mailbox's answer to the first one comes before any to the second one.
      await ask(client, target, 2);
      const extraTopics = extraTopicsOf(wire).length;
      expect(await ask(client, target, 5)).toEqual(numbers(5));
      expect(extraTopicsOf(wire).length).toBe(extraTopics);
    });
  });

  describe("a device that is replaced by one of the other kind", () => {
    test("is heard from the second request on where the new one wants the header's topic", async () => {
      const { client } = await stage.requester();
      const device = await stage.device(onRequestTopic);
      await ask(client, device.target, 2);
      device.answersOn = onHeaderId;
      await expectNoAnswer(client, device.target);
      expect(await ask(client, device.target, 3)).toEqual(numbers(3));
    });

    test("is heard at once where the new one answers to the mailbox, and costs nothing any more", async () => {
      const { client, wire } = await stage.requester();
      const device = await stage.device(onHeaderId);
      await ask(client, device.target, 2);
      device.answersOn = onRequestTopic;
      expect(await ask(client, device.target, 3)).toEqual(numbers(3));
      expect(extraTopicsOf(wire).length).toBe(3);
    });

    test("in the middle of 200 requests costs those on their way their answer, and is found out then", async () => {
      const { client } = await stage.requester({ timeoutMs: 1_000 });
      const device = await stage.device((asked) =>
        device.asked.all.length <= 100 ? onRequestTopic(asked) : onHeaderId(asked),
      );
      const burst = numbers(200).map(() => askAtOnce(client, [device.target]));
      const outcomes = await Promise.allSettled(burst);
      const answered = outcomes.filter(({ status }) => status === "fulfilled");
      expect([answered.length, device.asked.all.length]).toEqual([100, 200]);
      expect(await ask(client, device.target, 3)).toEqual(numbers(3));
    });
  });

  describe("with the mode per-request", () => {
    test("there is no mailbox", async () => {
      const { wire, client } = await stage.requester({
        identifier: "me",
        responseRouting: "per-request",
      });
      expect(wire.subscribed).toEqual(["gf_int_v1/+/request/me/+"]);
      expect(client.statistics.subscriptionsHeld).toBe(1);
    });

    test.each([
      ["on the request's topic", onRequestTopic],
      ["on the topic of the header's id", onHeaderId],
    ])("each request to a device that answers %s has its own topic", async (_how, answersOn) => {
      const { client, wire } = await stage.requester({ responseRouting: "per-request" });
      const { target } = await stage.device(answersOn);
      expect(await ask(client, target, 5)).toEqual(numbers(5));
      const ids = requestIdsOf(wire);
      expect(wire.published.map(({ topic }) => lastOf(topic))).toEqual(ids);
      const topics = ids.map((id) => responseTopicOf(target, id));
      expect(extraTopicsOf(wire)).toEqual(topics);
      expect(client.statistics.subscriptionsHeld).toBe(1);
      await ask(client, target, 1);
      expect(wire.unsubscribed.slice(0, 5)).toEqual(topics);
    });

    test("a request that nobody answers leaves no subscription behind either", async () => {
      const { client, wire } = await stage.requester({ responseRouting: "per-request" });
      const device = await stage.device(() => []);
      await expectNoAnswer(client, device.target);
      expect(client.statistics.subscriptionsHeld).toBe(1);
      // What is sent afterwards comes after the UNSUBSCRIBE.
      device.answersOn = onRequestTopic;
      await ask(client, device.target, 1);
      expect(wire.unsubscribed.slice(0, 1)).toEqual(extraTopicsOf(wire).slice(0, 1));
    });
  });
});
