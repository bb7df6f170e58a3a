import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  LinkLostError,
  NotConnectedError,
  PublishRefusedError,
  SubscriptionRefusedError,
} from "../../src/errors/connection-errors.ts";
import { GfMqttError } from "../../src/errors/gf-mqtt-error.ts";
import {
  OptionError,
  PayloadValidationError,
  TopicError,
  UnknownOptionError,
} from "../../src/errors/input-errors.ts";
import { NestedCallError, RuntimeNotSupportedError } from "../../src/errors/input-errors.ts";
import { WorkerLostError } from "../../src/errors/connection-errors.ts";

const BROKER = "mqtt://broker.example.com:1883";

const CASES = [
  [
    new NotConnectedError("publish", BROKER),
    "NotConnectedError",
    "NOT_CONNECTED",
    `cannot publish: not connected to ${BROKER}; call connect() first`,
  ],
  [
    new ClientClosedError("request", BROKER),
    "ClientClosedError",
    "CLIENT_CLOSED",
    `cannot request: the client for ${BROKER} is closed; call connect() first`,
  ],
  [
    new ClientClosedError("request", BROKER, { wasPending: true }),
    "ClientClosedError",
    "CLIENT_CLOSED",
    `cannot request: the client for ${BROKER} was closed meanwhile; what was already sent may still have been carried out`,
  ],
  [
    new LinkLostError(BROKER, { cause: new Error("read ECONNRESET") }),
    "LinkLostError",
    "LINK_LOST",
    `lost the connection to ${BROKER} (read ECONNRESET); the message may or may not have arrived`,
  ],
  [
    new PayloadValidationError("body", [{ path: "[3].x", message: "JSON has no NaN" }]),
    "PayloadValidationError",
    "INVALID_PAYLOAD",
    "invalid body: [3].x: JSON has no NaN",
  ],
  [
    new TopicError("subsystem", "a/b", "must not contain /"),
    "TopicError",
    "INVALID_TOPIC",
    'invalid subsystem "a/b": must not contain /',
  ],
  [
    new OptionError("timeoutMs", -5, "a whole number of ms from 1 to 2147483647"),
    "OptionError",
    "INVALID_OPTION",
    'option "timeoutMs" is -5; expected a whole number of ms from 1 to 2147483647',
  ],
  [
    new UnknownOptionError("timeout", "timeoutMs"),
    "UnknownOptionError",
    "UNKNOWN_OPTION",
    'there is no option "timeout"; expected timeoutMs',
  ],
  [
    new SubscriptionRefusedError("a/#", { broker: BROKER, reasonCode: 135 }),
    "SubscriptionRefusedError",
    "SUBSCRIPTION_REFUSED",
    `${BROKER} refused the subscription to "a/#": Not authorized (135); check that the broker's ACL lets this client read it`,
  ],
  [
    new PublishRefusedError("a/b", { broker: BROKER, reasonCode: 128 }),
    "PublishRefusedError",
    "PUBLISH_REFUSED",
    `${BROKER} refused the message to "a/b": Unspecified error (128); check that the broker's ACL lets this client write to it`,
  ],
  [
    new WorkerLostError("request", BROKER, { why: "it ended" }),
    "WorkerLostError",
    "WORKER_LOST",
    `cannot request: the worker thread of the client for ${BROKER} is gone (it ended); what was already sent may still have been carried out; connect() starts a new one`,
  ],
  [
    new NestedCallError("request", 32),
    "NestedCallError",
    "NESTED_TOO_DEEP",
    "cannot request from this handler: 32 handlers wait for calls of their own already, one within the other, and no more are started; let a handler answer before it calls",
  ],
  [
    new RuntimeNotSupportedError("SyncMQTTClient", "a page must not block"),
    "RuntimeNotSupportedError",
    "RUNTIME_NOT_SUPPORTED",
    "SyncMQTTClient does not work here: a page must not block",
  ],
] as const;

describe.each(CASES)("%s", (error, name, ...[code, message]) => {
  test(`is called ${name}, has code ${code} and says what happened`, () => {
    expect(error).toBeInstanceOf(GfMqttError);
    expect(error).toBeInstanceOf(Error);
    expect(error.constructor.name).toBe(name);
    expect(error).toMatchObject({ name, code, message });
    expect(Object.hasOwn(error, "name")).toBe(false);
    expect(error.stack).toContain(`${name}: `);
  });
});

describe("errors", () => {
  test("a closed client is not connected either", () => {
    expect(new ClientClosedError("publish", BROKER)).toBeInstanceOf(NotConnectedError);
  });

  test("an unknown option is an option error that keeps no value", () => {
    const error = new UnknownOptionError("pasword", "password");
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ option: "pasword", value: undefined, expected: "password" });
  });

  test("a client without a worker is closed", () => {
    const cause = new Error("out of memory");
    const error = new WorkerLostError("request", BROKER, { why: "it threw", cause });
    expect(error).toBeInstanceOf(ClientClosedError);
    expect(error).toMatchObject({ operation: "request", broker: BROKER, wasPending: true, cause });
  });

  test("of a blocking client keep their fields", () => {
    expect(new NestedCallError("request", 32)).toMatchObject({ operation: "request", depth: 32 });
    expect(new RuntimeNotSupportedError("SyncMQTTClient", "why")).toMatchObject({
      feature: "SyncMQTTClient",
      reason: "why",
    });
  });

  test("keep their fields", () => {
    expect(new NotConnectedError("publish", BROKER)).toMatchObject({
      operation: "publish",
      broker: BROKER,
    });
    expect(new TopicError("subsystem", 5, "must be a string")).toMatchObject({
      subject: "subsystem",
      value: 5,
      reason: "must be a string",
    });
    expect(new OptionError("port", 0, "a port")).toMatchObject({
      option: "port",
      value: 0,
      expected: "a port",
    });
    expect(new SubscriptionRefusedError("a/#", { broker: BROKER, reasonCode: 135 })).toMatchObject({
      filter: "a/#",
      reasonCode: 135,
      broker: BROKER,
    });
    expect(new PublishRefusedError("a/b", { broker: BROKER, reasonCode: 135 })).toMatchObject({
      topic: "a/b",
      reasonCode: 135,
      broker: BROKER,
    });
  });

  test("keep their cause", () => {
    const cause = new Error("below");
    expect(new LinkLostError(BROKER, { cause }).cause).toBe(cause);
    expect(new ClientClosedError("publish", BROKER, { cause }).cause).toBe(cause);
    expect(new PayloadValidationError("body", [], { cause }).cause).toBe(cause);
  });

  test("have no cause where there is none", () => {
    expect(Object.hasOwn(new LinkLostError(BROKER), "cause")).toBe(false);
    expect(new LinkLostError(BROKER, { cause: undefined }).message).not.toContain("(");
  });

  test("name at most five issues and count the rest", () => {
    const issues = Array.from({ length: 8 }, (_, index) => ({
      path: `body[${index}]`,
      message: "JSON has no NaN",
    }));
    const error = new PayloadValidationError("payload", issues);
    expect(error.message).toMatch(/^invalid payload: body\[0\]: .*; body\[4\]: .*; and 3 more$/);
    expect(error.issues).toEqual(issues);
  });

  test("an issue of the payload itself stands without a path", () => {
    const issue = { path: "", message: "expected an object, got null" };
    expect(new PayloadValidationError("payload", [issue]).message).toBe(
      "invalid payload: expected an object, got null",
    );
  });

  test.each([Symbol("x"), { self: 1n }, "y".repeat(500), () => 1])(
    "an option's value is shown, whatever it is",
    (value) => {
      const { message } = new OptionError("logger", value, "a logger");
      expect(message).toMatch(/^option "logger" is .{1,80}; expected a logger$/);
    },
  );
});
