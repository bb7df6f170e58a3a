import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer } from "../../src/client/answer.ts";
import { encodeAnswer, encodeErrorAnswer } from "../../src/client/answer.ts";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import { PayloadHandler } from "../../src/protocol/payload-handler.ts";
import type { ResponseCode } from "../../src/errors/response-code.ts";

const ID = "16fd2706-8baf-433b-82eb-8c7fada847da";
const GROUP = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
const ANSWERING = { source: "device", timestamp: 1_700_000_000_000 };
const HEADER = { method: "GET", path: "gains", request_id: ID, correlation_id: GROUP };

const answer = (more: Partial<Answer> = {}): Answer => ({
  code: 205,
  body: [1, 2],
  header: HEADER,
  ...more,
});

const read = (text: string): unknown => JSON.parse(text);

/** A value that holds itself, as no JSON can. */
const cycle = (): object => {
  const holder: { self?: object } = {};
  holder.self = holder;
  return holder;
};

describe("encodeAnswer", () => {
  test("makes a response of code and body, with what the request said of itself", () => {
    expect(read(encodeAnswer(answer(), ANSWERING))).toEqual({
      timestamp: 1_700_000_000_000,
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

  test("makes a response that the payload handler finds valid", () => {
    const payload = read(encodeAnswer(answer(), ANSWERING));
    expect(() => new PayloadHandler().validatePayload(payload)).not.toThrow();
  });

  test("names the location where there is one", () => {
    const text = encodeAnswer(answer({ code: 201, location: "resources/7" }), ANSWERING);
    expect(read(text)).toMatchObject({ header: { location: "resources/7" } });
  });

  test("has a null body where there is none", () => {
    expect(read(encodeAnswer(answer({ body: undefined }), ANSWERING))).toMatchObject({
      body: null,
    });
  });

  test.each(["1", "no UUID at all", "é"])(
    "copies the request's id as it came, so that the peer knows it: %s",
    (id) => {
      const header = { ...HEADER, request_id: id };
      expect(read(encodeAnswer(answer({ header }), ANSWERING))).toMatchObject({
        header: { request_id: id },
      });
    },
  );

  test.each([undefined, null, 5, {}, ["gains"]])(
    "says nothing of a path or correlation id that is no text: %j",
    (odd) => {
      const header = { ...HEADER, path: odd, correlation_id: odd };
      expect(read(encodeAnswer(answer({ header }), ANSWERING))).toMatchObject({
        header: { path: "", correlation_id: null },
      });
    },
  );

  test("refuses a body that JSON would spoil", () => {
    expect(() => encodeAnswer(answer({ body: NaN }), ANSWERING)).toThrow(PayloadValidationError);
  });
});

describe("encodeErrorAnswer", () => {
  test("is the same where JSON can say it", () => {
    const error = answer({ code: 404, body: "no such gain" });
    expect(encodeErrorAnswer(error, ANSWERING)).toBe(encodeAnswer(error, ANSWERING));
  });

  test.each([
    ["NaN", NaN],
    ["a function", () => 1],
    ["a cycle", cycle()],
    ["a large bigint", 2n ** 70n],
  ])("leaves out a detail that JSON cannot say: %s", (_what, body) => {
    expect(read(encodeErrorAnswer(answer({ code: 500, body }), ANSWERING))).toMatchObject({
      body: null,
      header: { response_code: 500, request_id: ID },
    });
  });

  test("never throws, whatever the detail and the request's header", () => {
    const anyHeader = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.anything(), anyHeader, (body, header) => {
        const code: ResponseCode = 500;
        const text = encodeErrorAnswer({ code, body, header }, ANSWERING);
        expect(read(text)).toMatchObject({ header: { response_code: 500, source: "device" } });
      }),
    );
  });
});
