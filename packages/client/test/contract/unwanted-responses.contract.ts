import { describe, expect, test } from "vitest";
import { GatewayTimeoutResponse } from "../../src/index.ts";
import type { RequestPayload } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import type { Peer } from "./brokers/broker-kind.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { ContractClient } from "./client-under-test.ts";
import { gains, responseTo, responseTopicOf } from "./devices.ts";
import type { Answer } from "./devices.ts";
import type { Stage } from "./stage.ts";

/** What a bare device sends. */
interface Sending extends Answer {
  /** Default: where the answer belongs. */
  readonly topic?: string;
}

interface Scene {
  readonly requester: ContractClient;
  readonly device: ContractClient;
  /** The bodies of responses that reached the requester's handlers. */
  readonly seen: Arrivals<unknown>;
  /** Waits until everything that was sent before has reached the requester. */
  settled(): Promise<void>;
}

const OTHER_ID = "16fd2706-8baf-433b-82eb-8c7fada847da";

/** Responses that come twice, too late, or from somebody who was not asked. */
export const unwantedResponseCases = (stage: Stage): void => {
  /**
   * A requester that gets all responses there are, and a device that sends what `respond` gives, in
   * that order, over one connection.
   */
  const sceneWith = async (
    respond: (request: RequestPayload, topic: string) => readonly Sending[],
    onAsked?: (send: () => void) => void,
  ): Promise<Scene> => {
    // With the mailbox alone, a request is under way as soon as it is made, however short its deadline.
    const { requester, device } = await stage.pair({ requester: { responseRouting: "mailbox" } });
    const peer = await stage.peer();
    await requester.subscribe("gf_int_v1/+/response/#");
    device.addMessageHandler(
      new stage.handlers.RequestHandlerBase({
        process: (_client, topic, request) => {
          const send = (): void => sendAll(peer, { topic, request }, respond(request, topic));
          if (onAsked === undefined) send();
          else onAsked(send);
        },
      }),
    );
    const seen = new Arrivals<unknown>("a response");
    const marks = new Arrivals<unknown>("the mark after all responses");
    requester.addMessageHandler(
      new stage.handlers.MessageHandlerBase({
        canHandle: (_client, topic) => topic.includes("/response/"),
        process: (_client, topic, { body }) => (topic.endsWith("/mark") ? marks : seen).push(body),
      }),
    );
    const settled = async (): Promise<void> => {
      peer.send({ topic: "gf_int_v1/axuv/response/nobody/mark", payload: '{"body": "mark"}' });
      await marks.next();
    };
    return { requester, device, seen, settled };
  };

  const sendAll = (
    peer: Peer,
    { topic, request }: { readonly topic: string; readonly request: RequestPayload },
    sendings: readonly Sending[],
  ): void => {
    for (const { topic: other, ...given } of sendings) {
      const payload = JSON.stringify(responseTo(request, given));
      peer.send({ topic: other ?? responseTopicOf(topic), payload });
    }
  };

  describe("of several answers to a request", () => {
    test("the first one counts, and the others are counted", async () => {
      const scene = await sceneWith(() => [{ body: 1 }, { body: 2 }, { code: 404, body: 3 }]);
      const { requester, device, settled } = scene;
      expect((await requester.request(gains(device))).body).toBe(1);
      await settled();
      const { responsesReceived, duplicateResponses, lateResponses } = requester.statistics;
      expect([responsesReceived, lateResponses]).toEqual([1, 0]);
      expect(duplicateResponses).toBeGreaterThanOrEqual(2);
    });

    test("handlers see the first one only", async () => {
      const { requester, device, seen, settled } = await sceneWith(() => [
        { body: 1 },
        { body: 2 },
      ]);
      await requester.request(gains(device));
      await settled();
      expect(seen.all).toEqual([1]);
    });

    test("a first one with an error code rejects, whatever follows", async () => {
      const { requester, device } = await sceneWith(() => [{ code: 404 }, { body: 2 }]);
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toMatchObject({ name: "NotFoundResponse" });
    });
  });

  describe("an answer after the deadline", () => {
    test("is counted, and nobody sees it", async () => {
      const asked = new Arrivals<() => void>("the request");
      const { requester, device, seen, settled } = await sceneWith(
        () => [{ body: "late" }],
        asked.push,
      );
      const error = await rejectionOf(() => requester.request({ ...gains(device), timeoutMs: 20 }));
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      const sendLate = await asked.next();
      sendLate();
      await settled();
      expect(seen.all).toEqual([]);
      expect(requester.statistics.lateResponses).toBeGreaterThanOrEqual(1);
      expect(requester.statistics).toMatchObject({
        responsesReceived: 0,
        duplicateResponses: 0,
        requestsUnanswered: 1,
      });
    });

    test("does not answer the next request", async () => {
      const asked = new Arrivals<() => void>("a request");
      const { requester, device } = await sceneWith(({ body }) => [{ body }], asked.push);
      await rejectionOf(() => requester.request({ ...gains(device), body: 1, timeoutMs: 20 }));
      const sendLate = await asked.next();
      // Both answers are sent at the second request, the late one first.
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: () => {
            sendLate();
            asked.all.at(-1)?.();
          },
        }),
      );
      expect((await requester.request({ ...gains(device), body: 2 })).body).toBe(2);
    });
  });

  describe("an answer after the request was aborted", () => {
    test("is counted, and nobody sees it", async () => {
      const controller = new AbortController();
      const asked = new Arrivals<() => void>("the request");
      const { requester, device, seen, settled } = await sceneWith(
        () => [{ body: "late" }],
        (send) => {
          controller.abort("enough");
          asked.push(send);
        },
      );
      const { signal } = controller;
      const error = await rejectionOf(() => requester.request({ ...gains(device), signal }));
      expect(error).toBe("enough");
      // An answer may reach the blocking client's worker before word of the signal does; this call comes behind that.
      expect(requester.statistics.requestsInFlight).toBe(0);
      const sendLate = await asked.next();
      sendLate();
      await settled();
      expect(seen.all).toEqual([]);
      expect(requester.statistics.lateResponses).toBeGreaterThanOrEqual(1);
    });
  });

  describe("a response of somebody who was not asked", () => {
    test("with the id of another request settles nothing", async () => {
      const { requester, device } = await sceneWith(() => [
        { body: "wrong", header: { request_id: OTHER_ID } },
        { body: "right" },
      ]);
      expect((await requester.request(gains(device))).body).toBe("right");
      expect(requester.statistics.responsesReceived).toBe(1);
    });

    test.each([
      ["of another device", "axuv/response/other"],
      ["of another subsystem", "other/response/DEVICE"],
    ])("with the right id on the topic %s settles nothing", async (_name, place) => {
      const { requester, device, seen } = await sceneWith((_request, topic) => {
        const [, , , target = "", last = ""] = topic.split("/");
        const wrong = `gf_int_v1/${place.replace("DEVICE", target)}/${last}`;
        return [{ topic: wrong, body: "wrong" }, { body: "right" }];
      });
      expect((await requester.request(gains(device))).body).toBe("right");
      // The client subscribed to all responses itself, so its handlers see this one, too.
      await seen.next((body) => body === "wrong");
      expect(requester.statistics.responsesReceived).toBe(1);
    });

    test("on a topic for requests is counted and ignored", async () => {
      const { requester, device, settled } = await sceneWith((_request, topic) => [
        { topic, body: "wrong" },
        { body: "right" },
      ]);
      expect((await requester.request(gains(device))).body).toBe("right");
      await settled();
      expect(device.statistics.unsolicitedResponses).toBeGreaterThanOrEqual(1);
    });

    test("that nobody subscribed to is counted and ignored", async () => {
      const { requester, device } = await stage.pair();
      const peer = await stage.peer();
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (_client, topic, request) =>
            sendAll(peer, { topic, request }, [
              { body: "wrong", header: { request_id: OTHER_ID } },
              { body: "right" },
            ]),
        }),
      );
      expect((await requester.request(gains(device))).body).toBe("right");
      expect(requester.statistics.unsolicitedResponses).toBe(1);
    });
  });

  describe("a client that subscribed to all responses itself", () => {
    test("sees its own once, and gets it as the result", async () => {
      const { requester, device, seen, settled } = await sceneWith(({ body }) => [{ body }]);
      expect((await requester.request({ ...gains(device), body: 1 })).body).toBe(1);
      await settled();
      expect(seen.all).toEqual([1]);
      expect(requester.statistics.responsesReceived).toBe(1);
    });
  });
};
