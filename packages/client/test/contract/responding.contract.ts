import { describe, expect, test } from "vitest";
import {
  NotFoundResponse,
  OptionError,
  PayloadValidationError,
  TopicError,
  UnknownOptionError,
} from "../../src/index.ts";
import type { RequestPayload, RespondOptions } from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { ContractClient } from "./client-under-test.ts";
import { gains, responseTopicOf } from "./devices.ts";
import { testSeveralClients } from "./needs.ts";
import type { Stage } from "./stage.ts";

const BATCH = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

const request: RequestPayload = {
  header: { method: "GET", path: "gains", request_id: "1" },
  body: null,
  timestamp: 0,
};

/** What callers without types can give. */
const untyped = (given: unknown): never => given as never;

const BAD_OPTIONS: readonly (readonly [
  name: string,
  options: RespondOptions,
  errorClass: new (...args: never) => Error,
])[] = [
  ["a code outside the protocol", { code: untyped(299) }, OptionError],
  ["a code as a text", { code: untyped("205") }, OptionError],
  ["a QoS that is none", { qos: untyped(3) }, OptionError],
  ["a deadline that is none", { timeoutMs: 0 }, OptionError],
  ["an option that does not exist", untyped({ status: 205 }), UnknownOptionError],
  ["a body beyond JSON", { body: Number.NaN }, PayloadValidationError],
];

const BAD_REQUESTS: readonly (readonly [name: string, given: unknown])[] = [
  ["nothing", undefined],
  ["null", null],
  ["a text", "gains"],
  ["an object without a header", { body: 1 }],
  ["a header that is none", { header: null }],
  ["a header without an id", { header: { method: "GET", path: "gains" } }],
  ["an id that is no text", { header: { method: "GET", path: "gains", request_id: 7 } }],
  ["an empty id", { header: { method: "GET", path: "gains", request_id: "" } }],
];

/** Answering requests by `respond()`. */
export const respondingCases = (stage: Stage): void => {
  /** Makes a client answer every request with the same. */
  const respondWith = (device: ContractClient, options?: RespondOptions): void =>
    device.addMessageHandler(
      new stage.handlers.RequestHandlerBase({
        process: (client, topic, asked) => client.respond(topic, asked, options),
      }),
    );

  describe("respond()", () => {
    test("answers with content, and nothing in it, by default", async () => {
      const { requester, device } = await stage.pair();
      respondWith(device);
      const response = await requester.request({ ...gains(device), correlationId: BATCH });
      expect(response).toEqual({
        header: {
          request_id: expect.any(String),
          path: "gains",
          correlation_id: BATCH,
          source: device.identifier,
          response_code: 205,
        },
        body: null,
        timestamp: expect.any(Number),
      });
    });

    test("answers with the code, the body and the location that it is given", async () => {
      const { requester, device } = await stage.pair();
      respondWith(device, { code: 201, body: { id: 7 }, location: "gains/7" });
      const { header, body } = await requester.request(gains(device));
      expect(header).toMatchObject({ response_code: 201, location: "gains/7" });
      expect(body).toEqual({ id: 7 });
    });

    test("answers with an error code like with any other", async () => {
      const { requester, device } = await stage.pair();
      respondWith(device, { code: 404, body: "none" });
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toBeInstanceOf(NotFoundResponse);
      expect(error).toMatchObject({ detail: "none" });
    });

    test.each([0, 1, 2] as const)("sends its answer with QoS %j", async (qos) => {
      const { requester, device } = await stage.pair();
      respondWith(device, { qos });
      const peer = await stage.peer();
      const heard = await peer.listen(`gf_int_v1/+/response/${device.identifier}/+`, 2);
      await requester.request(gains(device));
      expect((await heard.next()).qos).toBe(qos);
    });

    test("copies the ids of a request as they are, whatever they are", async () => {
      const device = await stage.client();
      respondWith(device);
      const peer = await stage.peer();
      const topic = `gf_int_v1/axuv/request/${device.identifier}/a1`;
      const answers = await peer.listen(responseTopicOf(topic));
      const header = { method: 1, path: "gains", request_id: "b2", correlation_id: "c3" };
      peer.send({ topic, payload: JSON.stringify({ header }) });
      expect(JSON.parse((await answers.next()).text).header).toEqual({
        request_id: "b2",
        path: "gains",
        correlation_id: "c3",
        source: device.identifier,
        response_code: 205,
      });
    });

    test.each(BAD_OPTIONS)("refuses %s", async (_name, options, errorClass) => {
      const client = await stage.client();
      const topic = `gf_int_v1/axuv/request/${client.identifier}/a`;
      const heard = await (await stage.peer()).listen(responseTopicOf(topic));
      const error = await rejectionOf(() => client.respond(topic, request, options));
      expect(error).toBeInstanceOf(errorClass);
      await client.respond(topic, request, { body: "the end" });
      expect(JSON.parse((await heard.next()).text).body).toBe("the end");
    });

    test.each(BAD_REQUESTS)("refuses as its request %s", async (_name, given) => {
      const client = await stage.client();
      const topic = `gf_int_v1/axuv/request/${client.identifier}/a`;
      const heard = await (await stage.peer()).listen(responseTopicOf(topic));
      const error = await rejectionOf(() => client.respond(topic, untyped(given)));
      expect(error).toBeInstanceOf(PayloadValidationError);
      await client.respond(topic, request, { body: "the end" });
      expect(JSON.parse((await heard.next()).text).body).toBe("the end");
    });

    test.each(["gf_int_v1/axuv/event/device/1", "gf_int_v1/axuv/request/device", "a", ""])(
      "refuses a topic that is no request's: %j",
      async (topic) => {
        const client = await stage.client();
        const error = await rejectionOf(() => client.respond(topic, request));
        expect(error).toBeInstanceOf(TopicError);
      },
    );
  });

  describe("a request of another namespace", () => {
    /** A device that serves two plants, and a requester of the one that is not its own. */
    const twoPlants = async (): Promise<{ requester: ContractClient; device: ContractClient }> => {
      const namespace = stage.identifier("plant");
      const device = await stage.client();
      await device.subscribe(`${namespace}/+/request/${device.identifier}/+`);
      return { requester: await stage.client({ namespace }), device };
    };

    testSeveralClients(stage)("is answered by respond() there", async () => {
      const { requester, device } = await twoPlants();
      respondWith(device, { body: 1 });
      const { body } = await requester.request({ ...gains(device), timeoutMs: 2_000 });
      expect(body).toBe(1);
    });

    testSeveralClients(stage)("is answered there where its handler throws", async () => {
      const { requester, device } = await twoPlants();
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: () => {
            throw new NotFoundResponse("none");
          },
        }),
      );
      const error = await rejectionOf(() =>
        requester.request({ ...gains(device), timeoutMs: 2_000 }),
      );
      expect(error).toMatchObject({ name: "NotFoundResponse", detail: "none" });
    });
  });
};
