import { describe, expect, test } from "vitest";
import type { MethodInput, RequestPayload } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import { answer, gains, responseTo, responseTopicOf, serve, serveEcho } from "./devices.ts";
import { testConcurrency, testSeveralClients } from "./needs.ts";
import type { Stage } from "./stage.ts";

const METHODS: readonly (readonly [MethodInput, string])[] = [
  ["GET", "GET"],
  ["POST", "POST"],
  ["PUT", "PUT"],
  ["DELETE", "DELETE"],
  ["get", "GET"],
  ["post", "POST"],
  ["put", "PUT"],
  ["delete", "DELETE"],
  [1, "GET"],
  [2, "POST"],
  [3, "PUT"],
  [4, "DELETE"],
];

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BATCH = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

/** Requests, as the requester makes them and as they reach the device. */
export const requestCases = (stage: Stage): void => {
  describe("a request", () => {
    test.each(METHODS)("with the method %j reaches the device as %s", async (method, name) => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: header.method }));
      const response = await requester.request({ ...gains(device), method });
      expect(response.body).toBe(name);
    });

    test("without a method is a GET", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: header.method }));
      expect((await requester.request(gains(device))).body).toBe("GET");
    });

    test("carries token, correlation id and source to the device", async () => {
      const { requester, device } = await stage.pair();
      const requests = new Arrivals<RequestPayload>("a request");
      serve(stage, device, (request) => {
        requests.push(request);
        return {};
      });
      await requester.request({ ...gains(device), token: "123456789==", correlationId: BATCH });
      const { header } = await requests.next();
      expect(header).toMatchObject({
        token: "123456789==",
        correlation_id: BATCH,
        source: requester.identifier,
      });
    });

    test("without token and correlation id carries null for both", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: [header.token, header.correlation_id] }));
      expect((await requester.request(gains(device))).body).toEqual([null, null]);
    });

    test("goes to the topic of its device and subsystem, in the form that every peer reads", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      const peer = await stage.peer();
      const heard = await peer.listen(`gf_int_v1/+/request/${device.identifier}/+`);
      await requester.request({ ...gains(device), method: "PUT", body: [0, 1] });
      const { topic, text } = await heard.next();
      expect(topic).toMatch(`gf_int_v1/axuv/request/${device.identifier}/`);
      expect(JSON.parse(text)).toEqual({
        timestamp: expect.any(Number),
        body: [0, 1],
        header: {
          request_id: expect.stringMatching(ID),
          path: "gains",
          correlation_id: null,
          source: requester.identifier,
          token: null,
          method: "PUT",
        },
      });
    });

    test("has an id of its own", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ header }) => ({ body: header.request_id }));
      const ids = new Set<unknown>();
      for (const path of ["a", "b", "c"]) {
        const { body, header } = await requester.request({ ...gains(device), path });
        expect(header.request_id).toBe(body);
        ids.add(body);
      }
      expect(ids.size).toBe(3);
    });

    test.each(["", "gains/0", "ünïcødé ☃", "a b?c=d&e", "../x", "%2f+#"])(
      "for the path %j reaches the device with that path",
      async (path) => {
        const { requester, device } = await stage.pair();
        serve(stage, device, ({ header }) => ({ body: header.path }));
        expect((await requester.request({ ...gains(device), path })).body).toBe(path);
      },
    );

    test.each(["a b", "ünïcødé ☃", "$SYS", "request"])(
      "to the subsystem %j is answered on its topic",
      async (subsystem) => {
        const { requester, device } = await stage.pair();
        serve(stage, device, (_request, topic) => ({ body: topic.split("/")[1] }));
        expect((await requester.request({ ...gains(device), subsystem })).body).toBe(subsystem);
      },
    );

    test.each([0, 1, 2] as const)("with QoS %j is sent with it and answered", async (qos) => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      const peer = await stage.peer();
      const heard = await peer.listen(`gf_int_v1/+/request/${device.identifier}/+`, 2);
      await requester.request({ ...gains(device), qos });
      expect((await heard.next()).qos).toBe(qos);
    });

    test("without a QoS has the client's default", async () => {
      const { requester, device } = await stage.pair({ requester: { qosDefault: 1 } });
      serveEcho(stage, device);
      const peer = await stage.peer();
      const heard = await peer.listen(`gf_int_v1/+/request/${device.identifier}/+`, 2);
      await requester.request(gains(device));
      expect((await heard.next()).qos).toBe(1);
    });

    test("to the client itself is served by its own handlers", async () => {
      const client = await stage.client();
      serve(stage, client, ({ body }) => ({ body: [body, "from me"] }));
      const response = await client.request({ ...gains(client), body: "to me" });
      expect(response.body).toEqual(["to me", "from me"]);
    });

    test("stays within the client's namespace", async () => {
      const device = stage.identifier("device");
      const namespace = stage.identifier("plant");
      const client = await stage.client({ identifier: device, namespace });
      const peer = await stage.peer();
      const heard = await peer.listen(`+/+/+/${device}/+`);
      serveEcho(stage, client);
      await client.request({ ...gains(client), body: 1 });
      const spaces = (await heard.take(2)).map(({ topic }) => topic.split("/")[0]);
      expect(spaces).toEqual([namespace, namespace]);
    });
  });

  describe("a response", () => {
    test("comes to the caller as it left the device, header fields of its own included", async () => {
      const { requester, device } = await stage.pair();
      const header = { location: "gains/7", units: { gain: "dB" }, source: device.identifier };
      serve(stage, device, () => ({ code: 201, body: [1, "a", null], header }));
      const response = await requester.request({ ...gains(device), correlationId: BATCH });
      expect(response).toEqual({
        header: {
          request_id: expect.stringMatching(ID),
          path: "gains",
          correlation_id: BATCH,
          response_code: 201,
          ...header,
        },
        body: [1, "a", null],
        timestamp: 1_745_534_869_619,
      });
    });

    test("keeps fields beside header, body and timestamp, and a timestamp in digits", async () => {
      const { requester, device } = await stage.pair();
      const further = { timestamp: "1745534869619", signature: "abc" };
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (client, topic, request) =>
            client.publish(responseTopicOf(topic), { ...responseTo(request), ...further }),
        }),
      );
      const { timestamp, signature } = await requester.request(gains(device));
      expect({ timestamp, signature }).toEqual({ timestamp: "1745534869619", signature: "abc" });
    });

    test("leaves no subscription behind", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      await requester.request(gains(device));
      const held = requester.statistics.subscriptionsHeld;
      for (const body of [1, 2, 3]) await requester.request({ ...gains(device), body });
      expect(requester.statistics.subscriptionsHeld).toBe(held);
    });

    test("is counted, and so is its request", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      for (const body of [1, 2, 3]) await requester.request({ ...gains(device), body });
      expect(requester.statistics).toMatchObject({
        requestsSent: 3,
        responsesReceived: 3,
        requestsUnanswered: 0,
        requestsInFlight: 0,
      });
      expect(device.statistics.requestsReceived).toBe(3);
    });
  });

  describe("many requests", () => {
    testConcurrency(stage)("at once, answered out of order, get each its own answer", async () => {
      const { requester, device } = await stage.pair();
      const COUNT = 500;
      const bodies = Array.from({ length: COUNT }, (_, body) => body);
      const held: (() => unknown)[] = [];
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (client, topic, request) => {
            held.push(() => answer(client, { topic, request }, { body: request.body }));
            if (held.length === COUNT) for (const release of held.toReversed()) release();
          },
        }),
      );
      const responses = await stage.concurrently(
        bodies.map((body) => () => requester.request({ ...gains(device), body })),
      );
      expect(responses.map(({ body }) => body)).toEqual(bodies);
    });

    testSeveralClients(stage)("to several devices and subsystems at once, too", async () => {
      const requester = await stage.client();
      const devices = [await stage.client(), await stage.client(), await stage.client()];
      for (const device of devices) {
        serve(stage, device, ({ body }, topic) => ({
          body: [device.identifier, topic.split("/")[1], body],
        }));
      }
      const asked = devices.flatMap((device) =>
        ["axuv", "hxr", "sxr"].flatMap((subsystem) =>
          [1, 2, 3].map((body) => ({ ...gains(device), subsystem, body })),
        ),
      );
      const responses = await stage.concurrently(
        asked.map((options) => () => requester.request(options)),
      );
      expect(responses.map(({ body }) => body)).toEqual(
        asked.map(({ targetDeviceTag, subsystem, body }) => [targetDeviceTag, subsystem, body]),
      );
    });

    testConcurrency(stage)("to the client itself, at once", async () => {
      const client = await stage.client();
      serveEcho(stage, client);
      const bodies = Array.from({ length: 50 }, (_, body) => body);
      const responses = await stage.concurrently(
        bodies.map((body) => () => client.request({ ...gains(client), body })),
      );
      expect(responses.map(({ body }) => body)).toEqual(bodies);
    });
  });
};
