import { describe, expect, test } from "vitest";
import type { Payload } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import type { ContractClient } from "./client-under-test.ts";
import { gains, serveEcho } from "./devices.ts";
import { testConcurrency } from "./needs.ts";
import type { Stage } from "./stage.ts";

interface Seen {
  readonly topic: string;
  readonly payload: Payload;
}

const QOS = [0, 1, 2] as const;

/** General messages: published, subscribed to, retained. */
export const publishingCases = (stage: Stage): void => {
  /** Every general message that reaches the handlers of a client. */
  const watch = (client: ContractClient): Arrivals<Seen> => {
    const seen = new Arrivals<Seen>(`a message for ${client.identifier}`);
    client.addMessageHandler(
      new stage.handlers.MessageHandlerBase({
        process: (_client, topic, payload) => seen.push({ topic, payload }),
      }),
    );
    return seen;
  };

  /** A client with a place of its own for topics. */
  const clientWithPlace = async (): Promise<{ client: ContractClient; place: string }> => ({
    client: await stage.client(),
    place: `gf_int_v1/axuv/event/${stage.identifier("place")}`,
  });

  describe("publish()", () => {
    test.each(QOS)("sends a message with QoS %j as it is", async (qos) => {
      const { client, place } = await clientWithPlace();
      const heard = await (await stage.peer()).listen(`${place}/a`, 2);
      const payload = { body: { state: "ONLINE" }, timestamp: "1745534869619", extra: [null] };
      await client.publish(`${place}/a`, payload, { qos });
      const message = await heard.next();
      expect(message).toMatchObject({ topic: `${place}/a`, qos, retain: false });
      expect(JSON.parse(message.text)).toEqual(payload);
    });

    test("without a QoS has the client's default", async () => {
      const { place } = await clientWithPlace();
      const client = await stage.client({ qosDefault: 2 });
      const heard = await (await stage.peer()).listen(`${place}/a`, 2);
      await client.publish(`${place}/a`, { body: 1 });
      expect((await heard.next()).qos).toBe(2);
    });

    test("keeps the order of what it sends", async () => {
      const { client, place } = await clientWithPlace();
      const heard = await (await stage.peer()).listen(`${place}/#`);
      const bodies = Array.from({ length: 200 }, (_, body) => body);
      for (const body of bodies) await client.publish(`${place}/${body % 3}`, { body });
      const texts = (await heard.take(bodies.length)).map(({ text }) => text);
      expect(texts).toEqual(bodies.map((body) => JSON.stringify({ body })));
    });

    test.each(["a b", "ünïcødé ☃", "/", "a//b", "$data/a"])(
      "goes to the topic %j",
      async (last) => {
        const { client } = await clientWithPlace();
        const topic = last.startsWith("$")
          ? `${last}/${client.identifier}`
          : `${client.identifier}/${last}`;
        const heard = await (await stage.peer()).listen(topic);
        await client.publish(topic, { body: 1 });
        expect((await heard.next()).topic).toBe(topic);
      },
    );

    test("sends a response of a code of the protocol", async () => {
      const { client, place } = await clientWithPlace();
      const heard = await (await stage.peer()).listen(`${place}/a`);
      await client.publish(`${place}/a`, { header: { response_code: 404 }, body: null });
      expect(JSON.parse((await heard.next()).text).header.response_code).toBe(404);
    });
  });

  describe("a retained message", () => {
    test("is there for those who subscribe later, and gone once it is cleared", async () => {
      const { client, place } = await clientWithPlace();
      await client.publish(`${place}/state`, { body: "ONLINE" }, { retain: true, qos: 1 });
      const peer = await stage.peer();
      const heard = await peer.listen(`${place}/#`);
      expect(await heard.next()).toMatchObject({ text: '{"body":"ONLINE"}', retain: true });
      await peer.publish({ topic: `${place}/state`, payload: "", retain: true, qos: 1 });
      const later = await (await stage.peer()).listen(`${place}/#`);
      await peer.publish({ topic: `${place}/other`, payload: "end", qos: 1 });
      expect((await later.next()).text).toBe("end");
    });

    test("reaches the handlers when the client subscribes", async () => {
      const { client, place } = await clientWithPlace();
      const peer = await stage.peer();
      const topic = `${place}/state`;
      await peer.publish({ topic, payload: '{"body":1,"timestamp":0}', retain: true, qos: 1 });
      const seen = watch(client);
      await client.subscribe(`${place}/#`);
      expect(await seen.next()).toEqual({ topic, payload: { body: 1, timestamp: 0 } });
      await peer.publish({ topic, payload: "", retain: true, qos: 1 });
    });
  });

  describe("subscribe()", () => {
    test.each(["a", "+", "#"])(
      "with the last level %j brings messages to the handlers",
      async (last) => {
        const { client, place } = await clientWithPlace();
        const seen = watch(client);
        await client.subscribe(`${place}/${last}`);
        await (await stage.peer()).publish({ topic: `${place}/a`, payload: '{"body":[1],"x":2}' });
        expect(await seen.next()).toEqual({ topic: `${place}/a`, payload: { body: [1], x: 2 } });
      },
    );

    test.each(QOS)("with QoS %j brings messages of QoS 2, too", async (qos) => {
      const { client, place } = await clientWithPlace();
      const seen = watch(client);
      await client.subscribe(`${place}/a`, { qos });
      await (await stage.peer()).publish({ topic: `${place}/a`, payload: '{"body":1}', qos: 2 });
      expect((await seen.next()).payload.body).toBe(1);
    });

    test("twice is doing it once", async () => {
      const { client, place } = await clientWithPlace();
      const seen = watch(client);
      await client.subscribe(`${place}/a`);
      const held = client.statistics.subscriptionsHeld;
      await client.subscribe(`${place}/a`);
      expect(client.statistics.subscriptionsHeld).toBe(held);
      const peer = await stage.peer();
      for (const body of [1, 2])
        peer.send({ topic: `${place}/a`, payload: JSON.stringify({ body }) });
      expect((await seen.take(2)).map(({ payload }) => payload.body)).toEqual([1, 2]);
    });

    test("brings messages in the order in which they were sent", async () => {
      const { client, place } = await clientWithPlace();
      const seen = watch(client);
      await client.subscribe(`${place}/#`);
      const peer = await stage.peer();
      const bodies = Array.from({ length: 100 }, (_, body) => body);
      for (const body of bodies)
        peer.send({ topic: `${place}/${body}`, payload: `{"body":${body}}` });
      const arrived = await seen.take(bodies.length);
      expect(arrived.map(({ payload }) => payload.body)).toEqual(bodies);
    });

    test("shows responses to others to the handlers, error codes included, and settles nothing", async () => {
      const { client } = await clientWithPlace();
      const seen = watch(client);
      const stranger = stage.identifier("stranger");
      await client.subscribe(`gf_int_v1/+/response/${stranger}/+`);
      const header = { response_code: 404, request_id: "1", path: "gains" };
      const payload = JSON.stringify({ header, body: "not yours" });
      (await stage.peer()).send({ topic: `gf_int_v1/axuv/response/${stranger}/1`, payload });
      expect((await seen.next()).payload).toEqual({ header, body: "not yours" });
      expect(client.statistics).toMatchObject({ responsesReceived: 0, handlerErrors: 0 });
    });

    test("in the options has the same effect from connect() on", async () => {
      const place = `gf_int_v1/axuv/event/${stage.identifier("place")}`;
      const client = await stage.client({ subscriptions: [`${place}/a`, `${place}/b/#`] });
      const seen = watch(client);
      const peer = await stage.peer();
      for (const last of ["a", "b/c"])
        peer.send({ topic: `${place}/${last}`, payload: '{"body":1}' });
      expect((await seen.take(2)).map(({ topic }) => topic)).toEqual([
        `${place}/a`,
        `${place}/b/c`,
      ]);
    });
  });

  describe("unsubscribe()", () => {
    test("ends a subscription, whether of subscribe() or of the options", async () => {
      const place = `gf_int_v1/axuv/event/${stage.identifier("place")}`;
      const client = await stage.client({ subscriptions: [`${place}/a`, `${place}/end`] });
      const seen = watch(client);
      await client.subscribe(`${place}/b`);
      await client.unsubscribe(`${place}/a`);
      await client.unsubscribe(`${place}/b`);
      const peer = await stage.peer();
      for (const last of ["a", "b", "end"]) peer.send({ topic: `${place}/${last}`, payload: "{}" });
      expect((await seen.next()).topic).toBe(`${place}/end`);
    });

    test("ends it however often it was made", async () => {
      const { client, place } = await clientWithPlace();
      const held = client.statistics.subscriptionsHeld;
      await client.subscribe(`${place}/a`);
      await client.subscribe(`${place}/a`, { qos: 1 });
      await client.unsubscribe(`${place}/a`);
      expect(client.statistics.subscriptionsHeld).toBe(held);
    });

    test("of what was never subscribed does nothing", async () => {
      const { client, place } = await clientWithPlace();
      const held = client.statistics.subscriptionsHeld;
      await client.unsubscribe(`${place}/a`);
      expect(client.statistics.subscriptionsHeld).toBe(held);
    });

    test("leaves the client's own requests alone", async () => {
      const client = await stage.client();
      serveEcho(stage, client);
      await client.unsubscribe(`gf_int_v1/+/request/${client.identifier}/+`);
      expect((await client.request({ ...gains(client), body: 1 })).body).toBe(1);
    });

    testConcurrency(stage)("called while subscribe() is under way has the last word", async () => {
      const { client, place } = await clientWithPlace();
      const seen = watch(client);
      const held = client.statistics.subscriptionsHeld;
      await stage.concurrently([
        () => client.subscribe(`${place}/a`),
        () => client.unsubscribe(`${place}/a`),
      ]);
      expect(client.statistics.subscriptionsHeld).toBe(held);
      await client.subscribe(`${place}/end`);
      const peer = await stage.peer();
      for (const last of ["a", "end"]) peer.send({ topic: `${place}/${last}`, payload: "{}" });
      expect((await seen.next()).topic).toBe(`${place}/end`);
    });

    testConcurrency(stage)("under way leaves the last word to subscribe()", async () => {
      const { client, place } = await clientWithPlace();
      const seen = watch(client);
      await client.subscribe(`${place}/a`);
      await stage.concurrently([
        () => client.unsubscribe(`${place}/a`),
        () => client.subscribe(`${place}/a`),
      ]);
      (await stage.peer()).send({ topic: `${place}/a`, payload: '{"body":1}' });
      expect((await seen.next()).payload.body).toBe(1);
    });

    test("can be undone", async () => {
      const { client, place } = await clientWithPlace();
      const seen = watch(client);
      await client.subscribe(`${place}/a`);
      await client.unsubscribe(`${place}/a`);
      await client.subscribe(`${place}/a`);
      (await stage.peer()).send({ topic: `${place}/a`, payload: '{"body":1}' });
      expect((await seen.next()).payload.body).toBe(1);
    });
  });

  describe("a handler of general messages that throws", () => {
    test("is counted, and keeps neither other handlers nor the next message away", async () => {
      const { client, place } = await clientWithPlace();
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({
          process: () => {
            throw new Error("mine");
          },
        }),
      );
      const seen = watch(client);
      await client.subscribe(`${place}/a`);
      const peer = await stage.peer();
      for (const body of [1, 2])
        peer.send({ topic: `${place}/a`, payload: JSON.stringify({ body }) });
      expect((await seen.take(2)).map(({ payload }) => payload.body)).toEqual([1, 2]);
      expect(client.statistics.handlerErrors).toBe(2);
    });
  });
};
