import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { RequestPayload } from "../../src/protocol/payload.ts";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";
import {
  generalPayloadSchema,
  payloadSchema,
  requestPayloadSchema,
  responsePayloadSchema,
} from "../../src/protocol/payload-schema.ts";
import { validationCases } from "./vectors.ts";

const ID = "16fd2706-8baf-433b-82eb-8c7fada847da";

const SCHEMAS = {
  general: generalPayloadSchema,
  request: requestPayloadSchema,
  response: responsePayloadSchema,
} as const;

/** Through the interface that schemas of all libraries share. */
const accepts = async (schema: StandardSchemaV1, value: unknown): Promise<boolean> => {
  const result = await schema["~standard"].validate(value);
  return result.issues === undefined;
};

const request = { header: { method: "GET", path: "gains", request_id: ID }, timestamp: 0 };
const response = { header: { response_code: 205, path: "gains", request_id: ID }, timestamp: 0 };
const general = { body: 1, timestamp: 0 };

describe("the schemas", () => {
  test.each(validationCases)("judge '$name' as $expected", async ({ payload, expected }) => {
    expect(await accepts(payloadSchema, payload)).toBe(expected !== "reject");
    for (const [kind, schema] of Object.entries(SCHEMAS)) {
      const verdict = { kind, accepted: await accepts(schema, payload) };
      expect(verdict).toEqual({ kind, accepted: kind === expected });
    }
  });

  test("give back the object itself", () => {
    for (const payload of [request, response, general]) {
      expect(v.parse(payloadSchema, payload)).toBe(payload);
    }
  });

  test("normalise a method in a copy", () => {
    const given = { ...request, header: { ...request.header, method: 3, extra: 1 }, more: 2 };
    const payload = v.parse(requestPayloadSchema, given);
    expect(payload).toEqual({ ...given, header: { ...given.header, method: "PUT" } });
    expect(given.header.method).toBe(3);
  });

  test("name the field at fault in their issues", async () => {
    const result = await responsePayloadSchema["~standard"].validate({
      ...response,
      header: { ...response.header, response_code: 299 },
    });
    const [issue] = result.issues ?? [];
    expect(issue?.path?.map((item) => (typeof item === "object" ? item.key : item))).toEqual([
      "header",
      "response_code",
    ]);
    expect(issue?.message).toBe("expected one of the 21 response codes, as a number, got 299");
  });

  test("report every field at fault, not only the first", () => {
    const verdict = v.safeParse(requestPayloadSchema, {
      header: { method: 9, request_id: "", correlation_id: 5 },
    });
    expect(verdict.issues?.map(({ path }) => path?.map(({ key }) => key).join("."))).toEqual([
      "timestamp",
      "header.request_id",
      "header.path",
      "header.correlation_id",
      "header.method",
    ]);
  });

  test("have the payloads as their output types", () => {
    expectTypeOf<v.InferOutput<typeof requestPayloadSchema>>().toEqualTypeOf<RequestPayload>();
    expectTypeOf<
      StandardSchemaV1.InferOutput<typeof responsePayloadSchema>
    >().toEqualTypeOf<ResponsePayload>();
  });

  test.each([
    [-(2 ** 63), true],
    [2 ** 63, false],
    ["-9223372036854775808", true],
    ["-9223372036854775809", false],
    ["00000000000000000000000000000000000000000000001", true],
    ["-0", true],
    ["-", false],
    ["+1", false],
    ["1n", false],
    ["12 ", false],
    ["1\n", false],
    ["9".repeat(100_000), false],
    [1e300, false],
    [1745534869619n, false],
    [new Date(0), false],
    [undefined, false],
  ])("take the timestamp %o: %s", async (timestamp, taken) => {
    expect(await accepts(generalPayloadSchema, { body: 1, timestamp })).toBe(taken);
  });

  test.each([
    [`${ID}\n`, false],
    [`{${ID}}`, false],
    [`urn:uuid:${ID}`, false],
    ["16fd27068baf-433b-82eb-8c7f-ada847da", false],
    ["16FD27068BAF433B82EB8C7FADA847DA", true],
    ["00000000-0000-0000-0000-000000000000", true],
  ])("take the id %j: %s", async (id, taken) => {
    const header = { ...request.header, request_id: id };
    expect(await accepts(requestPayloadSchema, { ...request, header })).toBe(taken);
    const batch = { ...response.header, correlation_id: id };
    expect(await accepts(responsePayloadSchema, { ...response, header: batch })).toBe(taken);
  });
});
