import { expect } from "vitest";
import {
  OptionError,
  PayloadValidationError,
  TopicError,
  UnknownOptionError,
} from "../../src/index.ts";
import type { RequestOptions } from "../../src/index.ts";
import type { Awaitable, ContractClient } from "./client-under-test.ts";
import { gains } from "./devices.ts";

/** A call with an argument that it cannot have. */
export interface BadCall {
  readonly name: string;
  readonly errorClass: new (...args: never) => Error;
  /** What the error says. */
  readonly fields: object;
  readonly make: (client: ContractClient) => Awaitable<unknown>;
}

type Make = BadCall["make"];

/** What callers without types can give. */
const untyped = (given: unknown): never => given as never;

const shown = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "number" && !Number.isFinite(part) ? String(part) : part,
  ).slice(0, 40);

const requestWith =
  (options: object): Make =>
  (client) =>
    client.request(untyped({ ...gains(client), ...options }));

const badOption = (option: keyof RequestOptions, value: unknown): BadCall => ({
  name: `request() with the ${option} ${shown(value)}`,
  errorClass: OptionError,
  fields: { code: "INVALID_OPTION", option, value },
  make: requestWith({ [option]: value }),
});

const badSegment = (option: keyof RequestOptions, value: unknown): BadCall => ({
  name: `request() with the ${option} ${shown(value)}`,
  errorClass: TopicError,
  fields: { code: "INVALID_TOPIC", subject: option, value },
  make: requestWith({ [option]: value }),
});

const unknownOption = (call: string, option: string, make: Make): BadCall => ({
  name: `${call} with the unknown option ${option}`,
  errorClass: UnknownOptionError,
  fields: { code: "UNKNOWN_OPTION", option, message: expect.stringContaining(`"${option}"`) },
  make,
});

const invalidPayload = (path: string): object => ({
  code: "INVALID_PAYLOAD",
  issues: [{ path, message: expect.any(String) }],
});

const badBody = (what: string, body: unknown, path: string): BadCall => ({
  name: `request() with ${what} in the body`,
  errorClass: PayloadValidationError,
  fields: invalidPayload(path),
  make: requestWith({ body }),
});

const badField = (option: keyof RequestOptions, value: unknown, path: string): BadCall => ({
  name: `request() with the ${option} ${shown(value)}`,
  errorClass: PayloadValidationError,
  fields: invalidPayload(path),
  make: requestWith({ [option]: value }),
});

const badPayload = (what: string, payload: unknown, path: string): BadCall => ({
  name: `publish() of ${what}`,
  errorClass: PayloadValidationError,
  fields: invalidPayload(path),
  make: (client) => client.publish(`${client.identifier}/a`, untyped(payload)),
});

const badTopic = (name: string, make: Make): BadCall => ({
  name,
  errorClass: TopicError,
  fields: { code: "INVALID_TOPIC" },
  make,
});

const SEGMENTS: readonly unknown[] = ["", "a/b", "+", "a#", "a\0b", "x".repeat(65_536), 7, null];
const cycle: { self?: unknown } = {};
cycle.self = cycle;

/** Calls that are refused with an error, before anything is sent. */
export const BAD_CALLS: readonly BadCall[] = [
  ...SEGMENTS.map((value) => badSegment("subsystem", value)),
  ...SEGMENTS.map((value) => badSegment("targetDeviceTag", value)),
  ...[3, -1, 1.5, Number.NaN, "1", true].map((value) => badOption("qos", value)),
  ...["PATCH", "", " GET", "1", 0, 5, 1.5, true, {}].map((value) => badOption("method", value)),
  ...[0, -1, 1.5, Number.NaN, Infinity, 2 ** 31, "9"].map((value) => badOption("timeoutMs", value)),
  badOption("signal", {}),
  badOption("schema", {}),

  unknownOption("request()", "timeout", requestWith({ timeout: 5 })),
  unknownOption("request()", "target_device_tag", requestWith({ target_device_tag: "a" })),
  unknownOption("request()", "value", requestWith({ value: 5 })),
  unknownOption("publish()", "retained", (client) =>
    client.publish("a/b", {}, untyped({ retained: true })),
  ),
  unknownOption("subscribe()", "retain", (client) =>
    client.subscribe("a/b", untyped({ retain: true })),
  ),
  unknownOption("unsubscribe()", "qos", (client) => client.unsubscribe("a/b", untyped({ qos: 1 }))),
  unknownOption("connect()", "timeout", (client) => client.connect(untyped({ timeout: 5 }))),
  unknownOption("get() of a device", "path", (client) =>
    client.device("a", "b").get("gains", untyped({ path: "gains" })),
  ),

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

  badField("correlationId", "batch 7", "header.correlation_id"),
  badField("path", 7, "header.path"),
  badField("token", 4711, "header.token"),

  badPayload("a text", "payload", ""),
  badPayload("a number", 7, ""),
  badPayload("null", null, ""),
  badPayload("an array", [1], ""),
  badPayload("a header that is null", { header: null }, "header"),
  badPayload("a header that is an array", { header: [] }, "header"),
  badPayload("an unknown code", { header: { response_code: 299 } }, "header.response_code"),
  badPayload("a code as a text", { header: { response_code: "205" } }, "header.response_code"),
  badPayload("NaN", { body: Number.NaN }, "body"),

  badTopic("publish() to a filter", (client) => client.publish("a/+", { body: 1 })),
  badTopic("publish() to no topic", (client) => client.publish("", { body: 1 })),
  badTopic("subscribe() to no filter", (client) => client.subscribe("a/b#")),
  badTopic("unsubscribe() from no filter", (client) => client.unsubscribe("a/#/b")),
  badTopic("a device with a bad subsystem", (client) => client.device("a", "b/c").get("a")),

  {
    name: "request() with a list for its options",
    errorClass: OptionError,
    fields: { code: "INVALID_OPTION" },
    make: (client) => client.request(untyped([])),
  },
  {
    name: "publish() with a retain that is no boolean",
    errorClass: OptionError,
    fields: { code: "INVALID_OPTION", option: "retain" },
    make: (client) => client.publish("a/b", { body: 1 }, untyped({ retain: 1 })),
  },
  {
    name: "addMessageHandler() of what is no handler",
    errorClass: OptionError,
    fields: { code: "INVALID_OPTION", option: "handler" },
    make: (client) => client.addMessageHandler(untyped({ handle: () => undefined })),
  },
  {
    name: "setCredentials() with a number for a password",
    errorClass: OptionError,
    fields: { code: "INVALID_OPTION", option: "password", value: "(not shown)" },
    make: (client) => client.setCredentials("somebody", untyped(4711)),
  },
];
