import { describe, expect, test } from "vitest";
import {
  OptionError,
  PayloadValidationError,
  TopicError,
  UnknownOptionError,
} from "../../src/index.ts";
import type { RequestOptions } from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Awaitable, ContractClient } from "./client-under-test.ts";
import { gains } from "./devices.ts";
import type { Stage } from "./stage.ts";

type Make = (client: ContractClient) => Awaitable<unknown>;
type BadCall = readonly [
  name: string,
  errorClass: new (...args: never) => Error,
  fields: object,
  make: Make,
];

const cycle: { self?: unknown } = {};
cycle.self = cycle;

/** What callers without types can give. */
const untyped = (given: unknown): never => given as never;

const requestWith =
  (options: object): Make =>
  (client) =>
    client.request(untyped({ ...gains(client), ...options }));

const badOption = (options: object, fields: object): BadCall => [
  `request(${JSON.stringify(options, (_, value: unknown) => (Number.isNaN(value) ? "NaN" : value))})`,
  OptionError,
  { code: "INVALID_OPTION", ...fields },
  requestWith(options),
];

const badSegment = (option: keyof RequestOptions, segment: unknown): BadCall => [
  `request() with the ${option} ${String(JSON.stringify(segment)).slice(0, 10)}`,
  TopicError,
  { code: "INVALID_TOPIC", subject: option, value: segment },
  requestWith({ [option]: segment }),
];

const badBody = (name: string, body: unknown, path: string): BadCall => [
  `request() with ${name} in the body`,
  PayloadValidationError,
  { code: "INVALID_PAYLOAD", issues: [expect.objectContaining({ path })] },
  requestWith({ body }),
];

const badPayload = (name: string, payload: unknown): BadCall => [
  `publish() of ${name}`,
  PayloadValidationError,
  { code: "INVALID_PAYLOAD" },
  (client) => client.publish(`${client.identifier}/a`, untyped(payload)),
];

const SEGMENTS: readonly unknown[] = ["", "a/b", "+", "a#", "a\0b", "x".repeat(65_536), 7, null];
const BAD_QOS: readonly unknown[] = [3, -1, 1.5, Number.NaN, "1", true];
const BAD_METHODS: readonly unknown[] = ["PATCH", "", " GET", "1", 0, 5, 1.5, true, {}];
const BAD_TIMEOUTS: readonly unknown[] = [0, -1, 1.5, Number.NaN, Infinity, 2 ** 31, "100"];

const CALLS: readonly BadCall[] = [
  ...SEGMENTS.map((segment) => badSegment("subsystem", segment)),
  ...SEGMENTS.map((segment) => badSegment("targetDeviceTag", segment)),
  ...BAD_QOS.map((qos) => badOption({ qos }, { option: "qos" })),
  ...BAD_METHODS.map((method) => badOption({ method }, { option: "method", value: method })),
  ...BAD_TIMEOUTS.map((timeoutMs) => badOption({ timeoutMs }, { option: "timeoutMs" })),
  badOption({ signal: {} }, { option: "signal" }),
  badOption({ schema: {} }, { option: "schema" }),
];

const UNKNOWN_OPTIONS: readonly (readonly [name: string, option: string, make: Make])[] = [
  ["request()", "timeout", requestWith({ timeout: 5 })],
  ["request()", "target_device_tag", requestWith({ target_device_tag: "a" })],
  ["request()", "value", requestWith({ value: 5 })],
  ["publish()", "retained", (client) => client.publish("a/b", {}, untyped({ retained: true }))],
  ["subscribe()", "retain", (client) => client.subscribe("a/b", untyped({ retain: true }))],
  ["unsubscribe()", "qos", (client) => client.unsubscribe("a/b", untyped({ qos: 1 }))],
  ["connect()", "timeout", (client) => client.connect(untyped({ timeout: 5 }))],
  [
    "get() of a device",
    "path",
    (client) => client.device("a", "b").get("gains", untyped({ path: "gains" })),
  ],
];

/** Calls with arguments that they cannot have: an error, before anything is sent. */
export const badInputCases = (stage: Stage): void => {
  /** Makes a call that fails, and checks that it had no effect that anybody could see. */
  const failureOf = async (make: Make): Promise<unknown> => {
    const namespace = stage.identifier("plant");
    const client = await stage.client({ namespace });
    const heard = await (await stage.peer()).listen("#");
    const held = client.statistics.subscriptionsHeld;
    const error = await rejectionOf(() => make(client));
    await client.publish(`${namespace}/the/end`, { body: 1 });
    const isOurs = (topic: string): boolean => /^(?:plant|client|a\/b)/.test(topic);
    expect((await heard.next(({ topic }) => isOurs(topic))).topic).toBe(`${namespace}/the/end`);
    expect(client.statistics).toMatchObject({ requestsSent: 0, subscriptionsHeld: held });
    return error;
  };

  describe("nothing is sent, and an error says why, for", () => {
    test.each(CALLS)("%s", async (_name, errorClass, fields, make) => {
      const error = await failureOf(make);
      expect(error).toBeInstanceOf(errorClass);
      expect(error).toMatchObject(fields);
    });

    test.each(UNKNOWN_OPTIONS)("%s with the unknown option %j", async (_name, option, make) => {
      const error = await failureOf(make);
      expect(error).toBeInstanceOf(UnknownOptionError);
      expect(error).toMatchObject({ code: "UNKNOWN_OPTION", option });
      expect(String(error)).toContain(option);
    });
  });

  badPayloadCases(failureOf);
};

/** The part about payloads and topics. */
const badPayloadCases = (failureOf: (make: Make) => Promise<unknown>): void => {
  const BODIES: readonly BadCall[] = [
    badBody("NaN", Number.NaN, "body"),
    badBody("an infinity", [1, -Infinity], "body[1]"),
    badBody("undefined", [undefined], "body[0]"),
    badBody("a function", { a: { b: () => undefined } }, "body.a.b"),
    badBody("a symbol", [Symbol("a")], "body[0]"),
    badBody("a large bigint", { big: 2n ** 60n }, "body.big"),
    badBody("a map", new Map(), "body"),
    badBody("an invalid date", [new Date(Number.NaN)], "body[0]"),
    badBody("bytes", new Uint8Array(2), "body"),
    badBody("half a surrogate pair", "\ud800", "body"),
    badBody("a cycle", cycle, "body.self"),
  ];
  const PAYLOADS: readonly BadCall[] = [
    badPayload("a text", "payload"),
    badPayload("a number", 7),
    badPayload("null", null),
    badPayload("an array", [1]),
    badPayload("a header that is null", { header: null }),
    badPayload("a header that is an array", { header: [] }),
    badPayload("a code outside the protocol", { header: { response_code: 299 } }),
    badPayload("a code as a text", { header: { response_code: "205" } }),
    badPayload("NaN", { body: Number.NaN }),
  ];
  const OTHERS: readonly BadCall[] = [
    [
      "request() with a correlation id that is none",
      PayloadValidationError,
      { issues: [expect.objectContaining({ path: "header.correlation_id" })] },
      requestWith({ correlationId: "batch 7" }),
    ],
    [
      "request() with a number for a path",
      PayloadValidationError,
      { issues: [expect.objectContaining({ path: "header.path" })] },
      requestWith({ path: 7 }),
    ],
    [
      "request() with a number for a token",
      PayloadValidationError,
      { issues: [expect.objectContaining({ path: "header.token" })] },
      requestWith({ token: 4711 }),
    ],
    ["request() without options", OptionError, {}, (client) => client.request(untyped([]))],
    ["publish() to a filter", TopicError, {}, (client) => client.publish("a/+", { body: 1 })],
    ["publish() to no topic", TopicError, {}, (client) => client.publish("", { body: 1 })],
    ["subscribe() to no filter", TopicError, {}, (client) => client.subscribe("a/b#")],
    ["unsubscribe() from no filter", TopicError, {}, (client) => client.unsubscribe("a/#/b")],
    [
      "publish() with a retain that is no boolean",
      OptionError,
      { option: "retain" },
      (client) => client.publish("a/b", { body: 1 }, untyped({ retain: 1 })),
    ],
    [
      "a device with a bad subsystem",
      TopicError,
      {},
      (client) => client.device("a", "b/c").get("a"),
    ],
    [
      "a handler that is none",
      OptionError,
      { option: "handler" },
      (client) => client.addMessageHandler(untyped({ handle: () => undefined })),
    ],
  ];

  describe("nothing is sent, and an error says why, for", () => {
    test.each([...BODIES, ...PAYLOADS, ...OTHERS])(
      "%s",
      async (_name, errorClass, fields, make) => {
        const error = await failureOf(make);
        expect(error).toBeInstanceOf(errorClass);
        expect(error).toMatchObject(fields);
      },
    );
  });
};
