import { describe, expect, test } from "vitest";
import type { MQTTClientOptions } from "../../src/index.ts";
import { embeddedKind } from "../contract/brokers/embedded-kind.ts";
import { mosquittoKind } from "../contract/brokers/mosquitto-kind.ts";
import { responseTopicOf, toDevice } from "./asking.ts";
import { onHeaderId, onRequestTopic, onResponseTopic } from "./raw-device.ts";
import type { AnswersOn } from "./raw-device.ts";
import { overBrokers } from "./routing-stage.ts";

const MAILBOX = "mailbox-1";

/** In which way a client gets to the request that is looked at. */
interface Situation {
  readonly title: string;
  readonly options: Partial<MQTTClientOptions>;
  /** How the device answers a request before that one; undefined: there is none. */
  readonly before: AnswersOn | undefined;
  /** Where the response to the request is expected. */
  readonly last: "mailbox" | "request id";
}

const SITUATIONS: readonly Situation[] = [
  {
    title: "to a device that nothing is known of",
    options: {},
    before: undefined,
    last: "mailbox",
  },
  {
    title: "to a device that answers on the request's topic",
    options: {},
    before: onRequestTopic,
    last: "mailbox",
  },
  {
    title: "to a device that answers on the topic of the header's id",
    options: {},
    before: onHeaderId,
    last: "request id",
  },
  {
    title: "with the mode mailbox",
    options: { responseRouting: "mailbox" },
    before: onRequestTopic,
    last: "mailbox",
  },
  {
    title: "with the mode per-request",
    options: { responseRouting: "per-request" },
    before: onRequestTopic,
    last: "request id",
  },
];

overBrokers([embeddedKind("5"), mosquittoKind("5")], (stage) => {
  describe("the response topic of a request", () => {
    test.each(SITUATIONS.map((situation) => [situation.title, situation.last, situation] as const))(
      "%s ends in the %s",
      async (_title, last, { options, before }) => {
        const { client } = await stage.requester({ mailbox: MAILBOX, ...options });
        const device = await stage.device(before ?? onResponseTopic);
        if (before !== undefined) {
          await client.request(toDevice(device.target));
          await device.asked.next();
        }
        device.answersOn = onResponseTopic;
        const { header } = await client.request(toDevice(device.target));
        const { responseTopic } = await device.asked.next();
        const segment = last === "mailbox" ? MAILBOX : header.request_id;
        expect(responseTopic).toBe(responseTopicOf(device.target, segment));
      },
    );
  });

  describe("a device that answers on the response topic", () => {
    test.each(["auto", "mailbox", "per-request"] as const)(
      "is heard with the mode %j",
      async (responseRouting) => {
        const { client } = await stage.requester({ responseRouting });
        const { target } = await stage.device(onResponseTopic);
        for (const body of [0, 1, 2]) {
          expect((await client.request(toDevice(target, body))).body).toBe(body);
        }
      },
    );

    test("is taken for one that answers to the mailbox", async () => {
      const { client, wire } = await stage.requester();
      const { target } = await stage.device(onResponseTopic);
      await client.request(toDevice(target));
      const { length } = wire.subscribed;
      await client.request(toDevice(target));
      expect(wire.subscribed.length).toBe(length);
    });
  });

  describe("the correlation data of a request", () => {
    test("is its id, as in the header", async () => {
      const { client, wire } = await stage.requester();
      const { target } = await stage.device(onRequestTopic);
      const { header } = await client.request(toDevice(target));
      expect(wire.published[0]?.correlationData).toBe(header.request_id);
    });
  });
});
