import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer } from "../../src/client/responder.ts";
import { Repeats } from "../../src/client/repeats.ts";
import { Responder } from "../../src/client/responder.ts";
import { readSettings } from "../../src/client/options/settings.ts";
import { PayloadValidationError, TopicError } from "../../src/errors/input-errors.ts";
import { PayloadHandler } from "../../src/protocol/payload-handler.ts";
import type { OutgoingMessage, PublishOutcome, QoS } from "../../src/transport/transport.ts";
import { ManualClock } from "../runtime/manual-clock.ts";

const ID = "16fd2706-8baf-433b-82eb-8c7fada847da";
const GROUP = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
const HEADER = { method: "GET", path: "gains", request_id: ID, correlation_id: GROUP };
const TOPIC = "gf_int_v1/axuv/request/device/box";

const ANSWER: Answer = { code: 205, body: [1, 2] };

/** A value that holds itself, as no JSON can. */
const cycle = (): object => {
  const holder: { self?: object } = {};
  holder.self = holder;
  return holder;
};

/** A responder, and what it sends. */
const scene = (outcome: PublishOutcome | Promise<PublishOutcome> = "sent") => {
  const sent: OutgoingMessage[] = [];
  const clock = new ManualClock();
  const settings = readSettings({ broker: "localhost", identifier: "device", clock });
  const responder = new Responder({
    settings,
    connection: {
      publish: (message) => {
        sent.push(message);
        return outcome;
      },
    },
    filters: { serves: (target) => target === "device", isGroup: () => false },
    repeats: new Repeats(settings.repeats, clock),
  });
  const lastSent = (): unknown => JSON.parse(String(sent.at(-1)?.payload));
  return { clock, responder, sent, lastSent };
};

/** What is sent in answer to a request with this header. */
const answered = async (header: Readonly<Record<string, unknown>>, answer = ANSWER) => {
  const { responder, lastSent } = scene();
  await responder.respond({ topic: TOPIC, header }, answer, { qos: 0 });
  return lastSent();
};

/** The same for an error. */
const answeredError = async (
  answer: Answer,
  header: Readonly<Record<string, unknown>> = HEADER,
) => {
  const { responder, lastSent } = scene();
  const request = {
    topic: TOPIC,
    payload: new Uint8Array(0),
    qos: 0,
    retain: false,
    duplicate: false,
  } as const;
  await responder.respondError(request, header, answer);
  return lastSent();
};

test("an error whose answer could not carry back what was asked is not sent, and rejects nothing", async () => {
  const { responder, sent } = scene();
  const header = { ...HEADER, path: "\ud800" };
  await responder.respondError({ topic: TOPIC, qos: 0 }, header, { code: 404, body: null });
  expect(sent).toEqual([]);
});

describe("an answer that is asked for again", () => {
  const answer = { payload: "{}", qos: 0 } as const;

  test("is sent each time", async () => {
    const { responder, sent } = scene();
    for (let time = 0; time < 3; time += 1) await responder.respondAgain(TOPIC, answer);
    expect(sent).toHaveLength(3);
  });

  test("is sent once while it waits for room", async () => {
    let drain = (_outcome: PublishOutcome): void => undefined;
    const room = new Promise<PublishOutcome>((resolve) => {
      drain = resolve;
    });
    const { responder, sent } = scene(room);
    const all = [1, 2, 3].map(() => responder.respondAgain(TOPIC, answer));
    expect(sent).toHaveLength(1);
    drain("sent");
    await Promise.all(all);
    await responder.respondAgain(TOPIC, answer);
    expect(sent).toHaveLength(2);
  });
});

describe("respond", () => {
  test("makes a response of code and body, with what the request said of itself", async () => {
    expect(await answered(HEADER)).toEqual({
      timestamp: expect.any(Number),
      body: [1, 2],
      header: {
        response_code: 205,
        path: "gains",
        request_id: ID,
        correlation_id: GROUP,
        source: "device",
      },
    });
  });

  test("takes the timestamp from the clock", async () => {
    const { clock, responder, lastSent } = scene();
    await responder.respond({ topic: TOPIC, header: HEADER }, ANSWER, { qos: 0 });
    expect(lastSent()).toMatchObject({ timestamp: clock.epochMs() });
  });

  test.each([0, 1, 2] as const)(
    "sends it with QoS %i on the topic that belongs to the request's",
    async (qos: QoS) => {
      const { responder, sent } = scene();
      await responder.respond({ topic: TOPIC, header: HEADER }, ANSWER, { qos });
      expect(sent).toMatchObject([
        { topic: "gf_int_v1/axuv/response/device/box", qos, retain: false },
      ]);
    },
  );

  test("refuses a topic that is not that of a request, and sends nothing", async () => {
    const { responder, sent } = scene();
    const request = { topic: "gf_int_v1/axuv/event/device/box", header: HEADER };
    expect(() => responder.respond(request, ANSWER, { qos: 0 })).toThrow(TopicError);
    expect(sent).toEqual([]);
  });

  test("makes a response that the payload handler finds valid", async () => {
    const payload = await answered(HEADER);
    expect(() => new PayloadHandler().validatePayload(payload)).not.toThrow();
  });

  test("names the location where there is one", async () => {
    const answer: Answer = { code: 201, body: null, location: "resources/7" };
    expect(await answered(HEADER, answer)).toMatchObject({ header: { location: "resources/7" } });
  });

  test("has a null body where there is none", async () => {
    expect(await answered(HEADER, { code: 205, body: undefined })).toMatchObject({ body: null });
  });

  test.each(["1", "no UUID at all", "é"])(
    "copies the request's id as it came, so that the peer knows it: %s",
    async (id) => {
      expect(await answered({ ...HEADER, request_id: id })).toMatchObject({
        header: { request_id: id },
      });
    },
  );

  test.each([undefined, null, 5, {}, ["gains"]])(
    "says nothing of a path or correlation id that is no text: %j",
    async (odd) => {
      expect(await answered({ ...HEADER, path: odd, correlation_id: odd })).toMatchObject({
        header: { path: "", correlation_id: null },
      });
    },
  );

  test("refuses a body that JSON would spoil", async () => {
    await expect(answered(HEADER, { code: 205, body: NaN })).rejects.toThrow(
      PayloadValidationError,
    );
  });
});

describe("respondError", () => {
  test("says code and detail", async () => {
    expect(await answeredError({ code: 404, body: "no such gain" })).toMatchObject({
      body: "no such gain",
      header: { response_code: 404, request_id: ID, path: "gains", source: "device" },
    });
  });

  test("answers for targets that this client serves, and for no others", async () => {
    const { responder, sent } = scene();
    const request = {
      payload: new Uint8Array(0),
      qos: 1,
      retain: false,
      duplicate: false,
    } as const;
    for (const topic of [
      TOPIC,
      "gf_int_v1/axuv/request/other/box",
      "gf_int_v1/axuv/event/device/box",
    ]) {
      await responder.respondError({ ...request, topic }, HEADER, { code: 404, body: null });
    }
    expect(sent).toMatchObject([{ topic: "gf_int_v1/axuv/response/device/box", qos: 1 }]);
  });

  test.each([
    ["NaN", NaN],
    ["a function", () => 1],
    ["a cycle", cycle()],
    ["a large bigint", 2n ** 70n],
  ])("leaves out a detail that JSON cannot say: %s", async (_what, body) => {
    expect(await answeredError({ code: 500, body })).toMatchObject({
      body: null,
      header: { response_code: 500, request_id: ID },
    });
  });

  test("never rejects, whatever the detail and the request's header", async () => {
    const anyHeader = fc.dictionary(fc.string(), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(fc.anything(), anyHeader, async (body, header) => {
        const text = await answeredError({ code: 500, body }, header);
        expect(text).toMatchObject({ header: { response_code: 500, source: "device" } });
      }),
    );
  });
});
