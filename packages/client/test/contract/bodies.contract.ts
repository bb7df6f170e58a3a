import { describe, expect, test } from "vitest";
import { wireMessages } from "../protocol/vectors.ts";
import { Arrivals } from "./arrivals.ts";
import { gains, serve, serveEcho } from "./devices.ts";
import type { Stage } from "./stage.ts";

const RECORDED_DEVICE = "2D_XX_0_9999";

const isRecordedRequest = ({ topic }: { readonly topic: string }): boolean =>
  topic.includes(`/request/${RECORDED_DEVICE}/`);

const bodyOf = (payload: string): unknown => {
  const message: { readonly body: unknown } = JSON.parse(payload);
  return message.body;
};

/** The bodies that the reference client was seen to send. */
const RECORDED = wireMessages
  .filter((message) => isRecordedRequest(message) && message.scenario.includes("PUT body"))
  .map(({ scenario, payload }) => ({ scenario, body: bodyOf(payload) }));

const nested = (levels: number): unknown =>
  Array.from({ length: levels }).reduce<unknown>(
    (inner, _, at) => (at % 2 ? [inner] : { inner }),
    0,
  );

const FURTHER: readonly (readonly [name: string, body: unknown])[] = [
  ["true", true],
  ["false", false],
  ["200 KB of text", "abcdefgh".repeat(25_000)],
  ["200 KB of text beyond ASCII", "ü☃𝄞\u0000\u001f\u2028".repeat(15_000)],
  ["every control character", Array.from({ length: 32 }, (_, code) => String.fromCharCode(code))],
  ["20,000 numbers", Array.from({ length: 20_000 }, (_, at) => at / 7)],
  ["200 levels of nesting", nested(200)],
  ["keys of every kind", { "": 1, " ": 2, "a.b": 3, constructor: 4, toString: 5, "☃": 6 }],
  ["the key __proto__", JSON.parse('{"__proto__": {"polluted": true}}')],
  ["numbers at the edges", [Number.MAX_VALUE, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER, -1e-7]],
  ["what looks like a payload", { header: { method: "GET" }, body: null, timestamp: 0 }],
];

/** Bodies on their way to the device and back. */
export const bodyCases = (stage: Stage): void => {
  describe("a body comes back as it was sent:", () => {
    const echo = async (body: unknown): Promise<unknown> => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      return (await requester.request({ ...gains(device), method: "PUT", body })).body;
    };

    test("every one that was recorded", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      expect(RECORDED.length).toBeGreaterThan(20);
      for (const { scenario, body } of RECORDED) {
        const response = await requester.request({ ...gains(device), method: "PUT", body });
        expect(response.body, scenario).toEqual(body);
      }
    });

    test.each(FURTHER)("%s", async (_name, body) => {
      expect(await echo(body)).toEqual(body);
    });

    test("no body at all, as null", async () => {
      expect(await echo(undefined)).toBeNull();
    });

    test("a bigint that a number holds, as that number", async () => {
      expect(await echo([1n, -9_007_199_254_740_991n])).toEqual([1, -9_007_199_254_740_991]);
    });

    test("an object with toJSON(), as what that gives", async () => {
      const at = new Date(1_745_534_869_619);
      expect(await echo({ at, none: undefined })).toEqual({ at: "2025-04-24T22:47:49.619Z" });
    });
  });

  describe("the reference client's messages", () => {
    test("reach the device one by one, as they were recorded", async () => {
      const device = await stage.client({ identifier: RECORDED_DEVICE });
      const handled = new Arrivals<unknown>("a recorded request");
      serve(stage, device, (request) => {
        handled.push(request);
        return {};
      });
      const peer = await stage.peer();
      const recorded = wireMessages.filter(isRecordedRequest);
      for (const { topic, payload } of recorded) peer.send({ topic, payload });
      const expected = recorded.map(({ payload }): unknown => JSON.parse(payload));
      expect(await handled.take(recorded.length)).toEqual(expected);
    });
  });

  describe("an integer that a JavaScript number cannot hold", () => {
    test("is counted, and the request is served all the same", async () => {
      const device = await stage.client();
      serveEcho(stage, device);
      const peer = await stage.peer();
      const topic = `gf_int_v1/axuv/request/${device.identifier}/1`;
      const answers = await peer.listen(topic.replace("/request/", "/response/"));
      const header = '{"method": "GET", "path": "gains", "request_id": "1"}';
      peer.send({ topic, payload: `{"header": ${header}, "body": 9007199254740993}` });
      await answers.next();
      expect(device.statistics.inexactNumbers).toBe(1);
    });
  });
};
