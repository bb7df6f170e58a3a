import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import { decodeJson } from "../../src/json/decode.ts";
import { encodeJson } from "../../src/json/encode.ts";
import { Method } from "../../src/protocol/method.ts";
import { PayloadHandler } from "../../src/protocol/payload-handler.ts";
import { ResponseCode } from "../../src/errors/response-code.ts";

const handler = new PayloadHandler({ now: () => 1_745_534_869_619 });

// JSON has no -0: it arrives as 0.
const body = fc
  .jsonValue({ stringUnit: "grapheme" })
  .map((value): unknown => JSON.parse(JSON.stringify(value)));
const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((uuid) => uuid.replaceAll("-", "").toUpperCase()),
);
const text = fc.string({ unit: "binary-ascii" });

const throughTheWire = (payload: unknown): unknown =>
  handler.parsePayload(new TextEncoder().encode(encodeJson(payload, "payload")));

describe("what is made parses back the same", () => {
  test("requests", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(Method)),
        id,
        fc.record({
          body,
          path: text,
          token: fc.option(text),
          correlationId: fc.option(id),
          source: fc.option(text),
          timestamp: fc.oneof(
            fc.maxSafeInteger(),
            fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String),
          ),
        }),
        (method, requestId, { path, ...options }) => {
          const payload = handler.createRequestPayload(method, path, requestId, options);
          expect(throughTheWire(payload)).toEqual(payload);
        },
      ),
    );
  });

  test("responses", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(ResponseCode)),
        fc.record({ requestId: id, path: text, content: body }),
        (code, { requestId, path, content }) => {
          const payload = handler.createResponsePayload(code, path, requestId, content);
          expect(throughTheWire(payload)).toEqual(payload);
        },
      ),
    );
  });

  test("general payloads", () => {
    fc.assert(
      fc.property(body, (content) => {
        const payload = handler.createGeneralPayload(content);
        expect(throughTheWire(payload)).toEqual(payload);
      }),
    );
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

/** What `run` throws, if anything. */
const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("no bytes make anything but a PayloadValidationError come out of", () => {
  test.each([
    ["decodeJson", (bytes: Uint8Array): unknown => decodeJson(bytes)],
    ["parsePayload", (bytes: Uint8Array): unknown => handler.parsePayload(bytes)],
  ])("%s", (_, read) => {
    const bytes = fc.oneof(fc.uint8Array(), nearlyPayload);
    const isFine = (input: Uint8Array): boolean => {
      const error = thrownBy(() => read(input));
      return error === undefined || error instanceof PayloadValidationError;
    };
    fc.assert(fc.property(bytes, isFine), { numRuns: 500 });
  });
});
