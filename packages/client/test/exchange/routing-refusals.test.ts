import { describe, expect, test } from "vitest";
import { ask, expectNoAnswer, numbers, responseTopicOf, toDevice } from "./asking.ts";
import { onHeaderId, onRequestTopic } from "./raw-device.ts";
import type { RawDevice } from "./raw-device.ts";
import { MAILBOX, MAILBOX_FILTER, extraTopics, refusalScene } from "./refusal-scene.ts";
import type { RefusalScene, Refuses } from "./refusal-scene.ts";

const nothing: Refuses = () => false;
const theMailbox: Refuses = (filter) => filter === MAILBOX_FILTER;

/** The last segments of the topics on which a device was asked. */
const lastSegments = ({ asked }: RawDevice): readonly string[] =>
  asked.all.map(({ topic }) => topic.split("/").at(-1) ?? "");

const requestIds = ({ asked }: RawDevice): readonly string[] =>
  asked.all.map(({ request }) => request.header.request_id);

/** The topics of single requests that the client asked for. */
const extraTopicsOf = ({ asked }: RefusalScene): readonly string[] => asked.filter(extraTopics);

const warningsOf = ({ log }: RefusalScene): readonly unknown[] =>
  log.entries.all
    .filter(({ level, fields }) => level === "warn" && fields["filter"] !== undefined)
    .map(({ fields }) => fields["filter"]);

describe.each([4, 5] as const)("over MQTT protocol level %i, a broker", (level) => {
  describe("that refuses the mailbox", () => {
    test("is warned of in the log, with the filter", async () => {
      const scene = await refusalScene({ level, refuses: theMailbox });
      expect(scene.client.isConnected).toBe(true);
      expect(warningsOf(scene)).toEqual([MAILBOX_FILTER]);
    });

    test.each([
      ["on the request's topic", onRequestTopic],
      ["on the topic of the header's id", onHeaderId],
    ])("grants each request to a device that answers %s a topic", async (_how, answersOn) => {
      const scene = await refusalScene({ level, refuses: theMailbox });
      const device = await scene.device("device", answersOn);
      expect(await ask(scene.client, "device", 3)).toEqual(numbers(3));
      const ids = requestIds(device);
      expect(lastSegments(device)).toEqual(ids);
      expect(extraTopicsOf(scene)).toEqual(ids.map((id) => responseTopicOf("device", id)));
    });

    test("and grants it with the next link gets no more subscriptions than that", async () => {
      const scene = await refusalScene({ level, refuses: theMailbox });
      const device = await scene.device("device", onRequestTopic);
      await ask(scene.client, "device", 2);
      scene.refuses = nothing;
      await scene.reconnect();
      expect(await ask(scene.client, "device", 3)).toEqual(numbers(3));
      expect(lastSegments(device).slice(2)).toEqual([MAILBOX, MAILBOX, MAILBOX]);
      // Two without a mailbox, and the first one with it.
      expect(extraTopicsOf(scene).length).toBe(3);
    });

    test("and every other topic for responses makes a request fail before it is sent", async () => {
      const scene = await refusalScene({
        level,
        refuses: (filter) => filter.includes("/response/"),
      });
      const device = await scene.device("device", onRequestTopic);
      await expect(scene.client.request(toDevice("device"))).rejects.toMatchObject({
        name: "SubscriptionRefusedError",
        filter: expect.stringMatching(/^gf_int_v1\/axuv\/response\/device\//),
      });
      expect(device.asked.all).toEqual([]);
      expect(scene.client.statistics.requestsSent).toBe(0);
    });
  });

  describe("that granted the mailbox and refuses it with the next link", () => {
    test("has every request get a topic of its own from then on", async () => {
      const scene = await refusalScene({ level, refuses: nothing });
      const device = await scene.device("device", onRequestTopic);
      await ask(scene.client, "device", 2);
      scene.refuses = theMailbox;
      await scene.reconnect();
      expect(await ask(scene.client, "device", 3)).toEqual(numbers(3));
      expect(lastSegments(device)).toEqual([MAILBOX, MAILBOX, ...requestIds(device).slice(2)]);
      expect(warningsOf(scene)).toEqual([MAILBOX_FILTER]);
    });

    test("answers a request that was made while there was no link", async () => {
      const scene = await refusalScene({ level, refuses: nothing });
      const device = await scene.device("device", onRequestTopic);
      await ask(scene.client, "device", 1);
      scene.refuses = theMailbox;
      await scene.cut();
      expect((await scene.client.request(toDevice("device", "patience"))).body).toBe("patience");
      expect(lastSegments(device).at(-1)).toBe(requestIds(device).at(-1));
    });

    test("answers a request that was about to subscribe when the link was lost", async () => {
      const scene = await refusalScene({ level, refuses: nothing });
      const device = await scene.device("device", onRequestTopic);
      scene.refuses = (filter) => {
        if (!extraTopics(filter)) return false;
        scene.refuses = theMailbox;
        void scene.cut();
        return false;
      };
      expect((await scene.client.request(toDevice("device", "patience"))).body).toBe("patience");
      expect(lastSegments(device)).toEqual(requestIds(device));
    });

    test("is met with what was learned before, once it grants it again", async () => {
      const scene = await refusalScene({ level, refuses: nothing });
      await scene.device("device", onRequestTopic);
      await ask(scene.client, "device", 1);
      for (const refuses of [theMailbox, nothing]) {
        scene.refuses = refuses;
        await scene.reconnect();
      }
      const { length } = extraTopicsOf(scene);
      expect(await ask(scene.client, "device", 3)).toEqual(numbers(3));
      expect(extraTopicsOf(scene).length).toBe(length);
    });
  });

  describe("that grants the mailbox and refuses the topics of single requests", () => {
    test("is asked for one of them once for each device, and the mailbox serves", async () => {
      const scene = await refusalScene({ level, refuses: extraTopics });
      await scene.device("+", onRequestTopic);
      for (const target of ["device-1", "device-2"]) {
        expect(await ask(scene.client, target, 3)).toEqual(numbers(3));
      }
      expect(extraTopicsOf(scene).length).toBe(2);
      expect(scene.client.statistics.subscriptionsHeld).toBe(2);
    });

    test("is not asked again for a device that does not answer", async () => {
      const scene = await refusalScene({ level, refuses: extraTopics });
      await scene.device("device", () => []);
      await expectNoAnswer(scene.client, "device");
      await expectNoAnswer(scene.client, "device");
      expect(extraTopicsOf(scene).length).toBe(1);
    });

    test("is told of in the log, with the topic", async () => {
      const scene = await refusalScene({ level, refuses: extraTopics });
      await scene.device("device", onRequestTopic);
      await ask(scene.client, "device", 1);
      const [filter] = extraTopicsOf(scene);
      expect(
        await scene.log.entries.next(({ message }) => message.includes("grants the mailbox only")),
      ).toMatchObject({ level: "info", fields: { filter } });
    });

    test("is asked again with the next link, so that every kind of device is heard there", async () => {
      const scene = await refusalScene({ level, refuses: extraTopics });
      await scene.device("device", onHeaderId);
      await expectNoAnswer(scene.client, "device");
      scene.refuses = nothing;
      await scene.reconnect();
      expect(await ask(scene.client, "device", 3)).toEqual(numbers(3));
    });

    test("of one device only, leaves those of others to be used", async () => {
      const forbidden: Refuses = (filter) => filter.includes("/response/forbidden/");
      const scene = await refusalScene({ level, refuses: forbidden });
      await scene.device("forbidden", onHeaderId);
      await scene.device("device", onHeaderId);
      await ask(scene.client, "device", 1);
      await expectNoAnswer(scene.client, "forbidden");
      expect(await ask(scene.client, "device", 3)).toEqual(numbers(3));
    });
  });

  describe("whose link is lost", () => {
    test("has the mailbox subscribed anew, and what was learned holds", async () => {
      const scene = await refusalScene({ level, refuses: nothing });
      await scene.device("device", onRequestTopic);
      await ask(scene.client, "device", 1);
      await scene.reconnect();
      expect(await ask(scene.client, "device", 3)).toEqual(numbers(3));
      expect(scene.asked.filter(theMailbox).length).toBe(2);
      expect(extraTopicsOf(scene).length).toBe(1);
    });

    test("lets the answer to a request in flight come over the next link, to the mailbox", async () => {
      const scene = await refusalScene({ level, refuses: nothing });
      const device = await scene.device("device", onRequestTopic);
      await ask(scene.client, "device", 1);
      device.answersOn = () => [];
      const response = scene.client.request(toDevice("device", "late"));
      const { topic, request } = await device.asked.next(
        ({ request: { body } }) => body === "late",
      );
      await scene.reconnect();
      const { request_id: id, path } = request.header;
      device.send(responseTopicOf("device", MAILBOX), {
        header: { request_id: id, path, response_code: 205 },
        body: topic,
      });
      expect((await response).body).toBe(topic);
    });

    test("lets it come over the next link, to a topic of its own", async () => {
      const scene = await refusalScene({ level, refuses: theMailbox });
      const device = await scene.device("device", () => []);
      const response = scene.client.request(toDevice("device", "late"));
      const { request } = await device.asked.next();
      await scene.reconnect();
      const { request_id: id, path } = request.header;
      device.send(responseTopicOf("device", id), {
        header: { request_id: id, path, response_code: 205 },
        body: "found",
      });
      expect((await response).body).toBe("found");
    });
  });
});
