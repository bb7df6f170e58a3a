import { describe, expect, expectTypeOf, test } from "vitest";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import type { GeneralPayload, RequestPayload } from "../../src/protocol/payload.ts";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";
import { ResponseCode } from "../../src/errors/response-code.ts";
import { encodeJson } from "../../src/json/encode.ts";
import { readSendable } from "../../src/protocol/sendable.ts";
import type { SendablePayload } from "../../src/protocol/sendable.ts";

const placeOf = (payload: unknown): string | undefined => {
  try {
    readSendable(payload);
  } catch (error) {
    if (error instanceof PayloadValidationError) return error.issues[0]?.path;
    throw error;
  }
  return undefined;
};

/** A getter that gives one value after the other. */
const changing = (name: string, ...values: readonly unknown[]): object => {
  let reads = 0;
  return Object.defineProperty({}, name, {
    enumerable: true,
    get: () => {
      reads += 1;
      return values[Math.min(reads, values.length) - 1];
    },
  });
};

describe("what is published", () => {
  test("is what was checked, though getters change their mind", () => {
    const header = changing("response_code", 205, 299);
    expect(JSON.parse(encodeJson(readSendable({ header, body: 1 }), "payload"))).toEqual({
      header: { response_code: 205 },
      body: 1,
    });
    expect(encodeJson(readSendable(changing("body", 5, NaN)), "payload")).toBe('{"body":5}');
  });

  test("is no empty object where a Map was given", () => {
    expect(() => encodeJson(readSendable(new Map([["a", 1]])), "payload")).toThrow("a Map");
  });
});

describe("readSendable", () => {
  test.each([
    [{}],
    [{ state: "ONLINE" }],
    [{ header: undefined }],
    [{ header: {} }],
    [{ header: { method: "ANY", request_id: 5 } }],
    [{ header: { response_code: undefined } }],
    [Object.create(null)],
  ])("lets %j go", (payload) => {
    expect(placeOf(payload)).toBeUndefined();
  });

  test.each(Object.values(ResponseCode))("lets the code %i go", (code) => {
    expect(placeOf({ header: { response_code: code } })).toBeUndefined();
  });

  test.each([[null], [undefined], [[]], ["x"], [5], [true], [() => ({})], [new Date(0)]])(
    "keeps back the payload %o",
    (payload) => {
      expect(placeOf(payload)).toBe("");
    },
  );

  test.each([[null], [[]], ["x"], [5], [false], [new Date(0)]])(
    "keeps back the header %o",
    (header) => {
      expect(placeOf({ header, body: 1 })).toBe("header");
    },
  );

  test.each([[200], [299], [205.5], ["205"], [205n], [null], [true], [[205]], [Object(205)]])(
    "keeps back the code %o, in a request too",
    (code) => {
      expect(placeOf({ header: { response_code: code } })).toBe("header.response_code");
      expect(placeOf({ header: { method: "GET", response_code: code } })).toBe(
        "header.response_code",
      );
    },
  );

  test("keeps back what could turn into anything when it is sent", () => {
    const turning = { toJSON: () => [] };
    expect(placeOf(turning)).toBe("");
    expect(placeOf({ header: turning })).toBe("header");
  });

  test("every payload of the protocol is of the sendable type", () => {
    expectTypeOf<GeneralPayload | RequestPayload | ResponsePayload>().toExtend<SendablePayload>();
    expectTypeOf<{ state: string }>().toExtend<SendablePayload>();
  });
});
