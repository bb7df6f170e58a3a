import { describe, expect, test } from "vitest";
import { MessageHandlerBase } from "../../src/index.ts";
import { Arrivals } from "../contract/arrivals.ts";
import { ask, askAtOnce, numbers, responseTopicOf, toDevice } from "./asking.ts";
import { onHeaderId, onRequestTopic } from "./raw-device.ts";
import { REAL_BROKERS, overBrokers } from "./routing-stage.ts";

const MAILBOX = "mailbox-1";
const OTHER_ID = "16fd2706-8baf-433b-82eb-8c7fada847da";

overBrokers(REAL_BROKERS, (stage) => {
  describe("an answer that comes to the mailbox", () => {
    test.each([
      ["another device", `gf_int_v1/axuv/response/somebody-else/${MAILBOX}`],
      ["another subsystem", (target: string) => `gf_int_v1/camera/response/${target}/${MAILBOX}`],
      ["another device and subsystem", `gf_int_v1/camera/response/somebody-else/${MAILBOX}`],
    ])("from %s with the right id is counted and ignored", async (_whom, wrong) => {
      const { client } = await stage.requester({ mailbox: MAILBOX });
      const device = await stage.device((asked) => [
        typeof wrong === "string" ? wrong : wrong(device.target),
        ...onRequestTopic(asked),
      ]);
      const { header } = await client.request(toDevice(device.target));
      expect(header["answered_on"]).toBe(responseTopicOf(device.target, MAILBOX));
      expect(client.statistics).toMatchObject({ unsolicitedResponses: 1, responsesReceived: 1 });
    });

    test("from the right device with an id that nobody gave out is counted and ignored", async () => {
      const { client } = await stage.requester({ mailbox: MAILBOX });
      const device = await stage.device((asked) => {
        device.send(responseTopicOf(device.target, MAILBOX), {
          header: { request_id: OTHER_ID, path: "gains", response_code: 404 },
        });
        return onRequestTopic(asked);
      });
      expect(await ask(client, device.target, 3)).toEqual(numbers(3));
      expect(client.statistics).toMatchObject({ unsolicitedResponses: 3, responsesReceived: 3 });
    });

    test("from a stranger says nothing about how the device answers", async () => {
      const { client, wire } = await stage.requester({ mailbox: MAILBOX });
      const device = await stage.device((asked) => [
        `gf_int_v1/axuv/response/somebody-else/${MAILBOX}`,
        ...onHeaderId(asked),
      ]);
      await ask(client, device.target, 3);
      expect(wire.unsubscribed.length).toBe(2);
      expect(client.statistics).toMatchObject({ unsolicitedResponses: 3, responsesReceived: 3 });
    });
  });

  describe("an answer in another namespace that the user subscribed to", () => {
    test("is shown to the handlers and answers nothing", async () => {
      const { client } = await stage.requester({ mailbox: MAILBOX });
      await client.subscribe("+/axuv/response/#");
      const seen = new Arrivals<string>("a response");
      client.addMessageHandler(
        new MessageHandlerBase({ process: (_client, topic) => seen.push(topic) }),
      );
      const device = await stage.device((asked) => {
        const [right = ""] = onRequestTopic(asked);
        return [right.replace("gf_int_v1", "lab"), right];
      });
      const { header } = await client.request(toDevice(device.target));
      const right = responseTopicOf(device.target, MAILBOX);
      expect(header["answered_on"]).toBe(right);
      await seen.next((topic) => topic === right.replace("gf_int_v1", "lab"));
      expect(client.statistics.responsesReceived).toBe(1);
    });
  });

  describe("two clients", () => {
    test("with a mailbox each do not see each other's answers", async () => {
      const [{ client: one }, { client: other }] = [
        await stage.requester(),
        await stage.requester(),
      ];
      const { target } = await stage.device(onRequestTopic);
      await ask(one, target, 10);
      // The broker hands on what the device sends in order.
      await ask(other, target, 1);
      expect(other.statistics).toMatchObject({ responsesReceived: 1, unsolicitedResponses: 0 });
    });

    test("with the same mailbox get each their own answers, and count the other's as strangers", async () => {
      const [{ client: one }, { client: other }] = [
        await stage.requester({ mailbox: MAILBOX }),
        await stage.requester({ mailbox: MAILBOX }),
      ];
      const { target } = await stage.device(onRequestTopic);
      const targets = numbers(50).map(() => target);
      const bodies = await Promise.all([askAtOnce(one, targets), askAtOnce(other, targets)]);
      expect(bodies).toEqual([numbers(50), numbers(50)]);
      // The broker hands on what the device sends in order.
      await ask(one, target, 1);
      expect(one.statistics).toMatchObject({ responsesReceived: 51, unsolicitedResponses: 50 });
      await ask(other, target, 1);
      expect(other.statistics).toMatchObject({ responsesReceived: 51, unsolicitedResponses: 51 });
    });
  });
});
