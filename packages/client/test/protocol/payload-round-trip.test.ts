import { fc, test as property } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { PayloadValidationError } from "../../src/protocol/errors.ts";
import { decodeJson } from "../../src/protocol/json-decode.ts";
import { encodeJson } from "../../src/protocol/json-encode.ts";
import { Method } from "../../src/protocol/method.ts";
import { PayloadHandler } from "../../src/protocol/payload-handler.ts";
import { ResponseCode } from "../../src/protocol/response-code.ts";

const handler = new PayloadHandler({ now: () => 1_745_534_869_619 });

// JSON has no -0: it arrives as 0.
const body = fc
  .jsonValue({ noUnicodeString: false })
  .map((value): unknown => JSON.parse(JSON.stringify(value)));
const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((uuid) => uuid.replaceAll("-", "").toUpperCase()),
);
const text = fc.string({ unit: "binary-ascii" });

const throughTheWire = (payload: unknown): unknown =>
  handler.parsePayload(new TextEncoder().encode(encodeJson(payload, "payload")));

describe("what is made parses back the same", () => {
  property.prop([
    fc.constantFrom(...Object.values(Method)),
    id,
    fc.record({
      body,
      path: text,
      token: fc.option(text),
      correlationId: fc.option(id),
      source: fc.option(text),
      timestamp: fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String)),
    }),
  ])("requests", (method, requestId, { path, ...options }) => {
    const payload = handler.createRequestPayload(method, path, requestId, options);
    expect(throughTheWire(payload)).toEqual(payload);
  });

  property.prop([fc.constantFrom(...Object.values(ResponseCode)), id, text, body])(
    "responses",
    (code, requestId, path, content) => {
      const payload = handler.createResponsePayload(code, path, requestId, content);
      expect(throughTheWire(payload)).toEqual(payload);
    },
  );

  property.prop([body])("general payloads", (content) => {
    const payload = handler.createGeneralPayload(content);
    expect(throughTheWire(payload)).toEqual(payload);
  });
});

/** Bytes near enough to a payload to get past the first checks. */
const nearlyPayload = fc
  .tuple(
    fc.record(
      {
        header: fc.anything({ maxDepth: 1 }),
        body: fc.anything({ maxDepth: 1 }),
        timestamp: fc.anything({ maxDepth: 0 }),
      },
      { requiredKeys: [] },
    ),
    fc.nat(),
    fc.nat(255),
  )
  .map(([value, at, byte]) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    bytes[at % (bytes.length + 1)] = byte;
    return bytes;
  });

describe("no bytes make anything but a PayloadValidationError come out of", () => {
  const bytes = fc.oneof(fc.uint8Array(), nearlyPayload);

  property.prop([bytes], { numRuns: 500 })("decodeJson", (input) => {
    try {
      decodeJson(input);
    } catch (error) {
      expect(error).toBeInstanceOf(PayloadValidationError);
    }
  });

  property.prop([bytes], { numRuns: 500 })("parsePayload", (input) => {
    try {
      handler.parsePayload(input);
    } catch (error) {
      expect(error).toBeInstanceOf(PayloadValidationError);
    }
  });
});
