import { describe, expect, test } from "vitest";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import { PayloadHandler } from "../../src/protocol/payload-handler.ts";
import { payloadKind } from "../../src/protocol/payload-kind.ts";
import { validationCases } from "./vectors.ts";

const ID = "16fd2706-8baf-433b-82eb-8c7fada847da";
const NOW = 1_745_534_869_619;
const handler = new PayloadHandler({ now: () => NOW });

const issuesOf = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof PayloadValidationError) {
      return error.issues.map(({ path, message }) => `${path}: ${message}`);
    }
    throw error;
  }
  return [];
};

/** The field that a case is about, as its name says: "request_id: short" is about header.request_id. */
const fieldOf = (name: string): string => {
  const [subject = "", rest = ""] = name.split(": ");
  if (subject === "payload") return "";
  if (rest === "no timestamp" || subject === "timestamp") return "timestamp";
  if (rest === "no request_id") return "header.request_id";
  return subject === "header" ? "header" : `header.${subject}`;
};

const accepted = validationCases.filter(({ expected }) => expected !== "reject");
const rejected = validationCases.filter(({ expected }) => expected === "reject");

describe("what the protocol asks for", () => {
  test.each(accepted)("'$name' is a $expected payload", ({ payload, expected }) => {
    const before = JSON.stringify(payload);
    const validated = handler.validatePayload(payload);
    expect(payloadKind(validated)).toBe(expected);
    expect(JSON.stringify(payload)).toBe(before);
    expect(handler.parsePayload(before)).toEqual(validated);
    expect(handler.parsePayload(new TextEncoder().encode(before))).toEqual(validated);
  });

  test.each(rejected)("'$name' is refused, by its field", ({ name, payload }) => {
    for (const run of [
      () => handler.validatePayload(payload),
      () => handler.parsePayload(JSON.stringify(payload)),
    ]) {
      expect(issuesOf(run)).toEqual([expect.stringMatching(new RegExp(`^${fieldOf(name)}: .`))]);
    }
  });
});

describe("validatePayload", () => {
  const request = { header: { method: "GET", path: "gains", request_id: ID }, timestamp: NOW };

  test("gives back the object itself", () => {
    expect(handler.validatePayload(request)).toBe(request);
  });

  test("turns a method into its name, in a copy", () => {
    const header = Object.freeze({ ...request.header, method: "put", timing: 5 });
    const given = Object.freeze({ ...request, header, extra: true });
    expect(handler.validatePayload(given)).toEqual({
      ...given,
      header: { ...header, method: "PUT" },
    });
    expect(header.method).toBe("put");
  });

  test("carries __proto__ keys through, wherever they are", () => {
    const text =
      `{"__proto__":{"a":1},"header":{"__proto__":"h","method":1,"path":"p","request_id":"${ID}"},` +
      '"body":{"__proto__":[2]},"timestamp":0}';
    const payload = handler.validatePayload(JSON.parse(text));
    expect(JSON.stringify(payload)).toBe(text.replace('"method":1', '"method":"GET"'));
    expect(JSON.stringify(handler.parsePayload(text))).toBe(JSON.stringify(payload));
  });

  test("names every field at fault in one message", () => {
    const payload = { header: { method: "FETCH", path: 5, request_id: "abc123" } };
    expect(() => handler.validatePayload(payload)).toThrow(
      "invalid request payload: timestamp: is missing; " +
        'header.request_id: expected a UUID or 32 hexadecimal digits, got "abc123"; ' +
        "header.path: expected a string, got 5; " +
        'header.method: expected GET, POST, PUT, DELETE or 1 to 4, got "FETCH"',
    );
  });

  test("does not show a token, whatever its type", () => {
    const header = { ...request.header, token: 123_456_789 };
    expect(issuesOf(() => handler.validatePayload({ ...request, header }))).toEqual([
      "header.token: expected a string or null, got a number",
    ]);
  });

  test.each([
    ["body", { ...request, body: { gains: [1, Number.NaN] } }, "body.gains[1]: JSON has no NaN"],
    ["extra field", { ...request, "odd key": Infinity }, '["odd key"]: JSON has no Infinity'],
    [
      "extra header field",
      { ...request, header: { ...request.header, at: new Date(Number.NaN) } },
      "header.at: JSON has no invalid Date",
    ],
  ])("names the place that JSON would spoil: %s", (_, payload, issue) => {
    expect(issuesOf(() => handler.validatePayload(payload))).toEqual([issue]);
  });

  test("a payload that throws when it is read is refused like any other", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throwing = {
      get header(): unknown {
        throw new Error("no header today");
      },
      timestamp: 0,
    };
    for (const payload of [proxy, throwing, { header: proxy }, { header: { path: proxy } }]) {
      expect(() => handler.validatePayload(payload)).toThrow(PayloadValidationError);
    }
    const hostile = { header: { method: "GET", path: proxy, request_id: proxy }, body: proxy };
    expect(() => handler.validatePayload(hostile)).toThrow(PayloadValidationError);
    const options: object = { source: proxy, body: proxy, timestamp: proxy };
    expect(() => handler.createRequestPayload("GET", "gains", ID, options)).toThrow(
      PayloadValidationError,
    );
  });
});

describe("parsePayload", () => {
  test.each(["", "   ", "{", '{"a":}', "{null:1}", "nul", '{"a":[],}', "\u0000"])(
    "refuses %j as not JSON",
    (text) => {
      expect(issuesOf(() => handler.parsePayload(text))).toEqual([
        expect.stringMatching(/^: not JSON: ./),
      ]);
    },
  );

  test("refuses bytes that are not UTF-8", () => {
    const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    expect(issuesOf(() => handler.parsePayload(bytes))).toEqual([": not UTF-8"]);
  });
});

describe("createRequestPayload", () => {
  test("fills in what is not given", () => {
    expect(handler.createRequestPayload("GET", "gains", ID)).toEqual({
      timestamp: NOW,
      body: null,
      header: {
        request_id: ID,
        path: "gains",
        correlation_id: null,
        source: null,
        token: null,
        method: "GET",
      },
    });
  });

  test.each([["get"], ["GET"], [1]] as const)("sends the method %j by its name", (method) => {
    expect(handler.createRequestPayload(method, "gains", ID).header.method).toBe("GET");
  });

  test("takes everything else that a request has", () => {
    const batch = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    const options = { body: true, token: "t", correlationId: batch, source: "s", timestamp: "17" };
    expect(handler.createRequestPayload("POST", "gains", ID, options)).toMatchObject({
      timestamp: "17",
      body: true,
      header: { correlation_id: batch, source: "s", token: "t" },
    });
  });

  test("names the fields at fault", () => {
    const options = { correlationId: "batch-7", body: [1n, 2n ** 64n] };
    expect(issuesOf(() => handler.createRequestPayload("GET", "gains", "abc123", options))).toEqual(
      [
        'header.request_id: expected a UUID or 32 hexadecimal digits, got "abc123"',
        'header.correlation_id: expected a UUID or 32 hexadecimal digits, got "batch-7"',
      ],
    );
    expect(issuesOf(() => handler.createRequestPayload("GET", "gains", ID, options))).toHaveLength(
      1,
    );
  });
});

describe("createResponsePayload", () => {
  test("fills in what is not given, without a token", () => {
    const payload = handler.createResponsePayload(205, "gains", ID);
    expect(payload).toEqual({
      timestamp: NOW,
      body: null,
      header: {
        request_id: ID,
        path: "gains",
        correlation_id: null,
        source: null,
        response_code: 205,
      },
    });
  });

  test("carries a location where one is given", () => {
    const options = { location: "resources/0", source: "dev" };
    const { header } = handler.createResponsePayload(201, "gains", ID, undefined, options);
    expect(header).toMatchObject({ response_code: 201, location: "resources/0", source: "dev" });
  });

  test.each([0, "", false, [], {}])("keeps the body %j", (body) => {
    expect(handler.createResponsePayload(205, "gains", ID, body).body).toBe(body);
  });

  test("refuses a code outside the 21", () => {
    const code = JSON.parse("299");
    expect(issuesOf(() => handler.createResponsePayload(code, "gains", ID))).toEqual([
      "header.response_code: expected one of the 21 response codes, as a number, got 299",
    ]);
  });
});

describe("createGeneralPayload", () => {
  test("is stamped with the time, in whole milliseconds", () => {
    const precise = new PayloadHandler({ now: () => 12.75 });
    expect(precise.createGeneralPayload({ state: "ONLINE" })).toEqual({
      timestamp: 12,
      body: { state: "ONLINE" },
    });
  });

  test("takes a timestamp, as it is given", () => {
    expect(handler.createGeneralPayload(1, "1745534869619").timestamp).toBe("1745534869619");
    expect(issuesOf(() => handler.createGeneralPayload(1, "today"))).toEqual([
      'timestamp: expected epoch milliseconds, as an integer or its digits within int64, got "today"',
    ]);
  });

  test("uses the clock of the machine by default", () => {
    const before = Date.now();
    const { timestamp } = new PayloadHandler().createGeneralPayload(null);
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(Date.now());
  });
});
