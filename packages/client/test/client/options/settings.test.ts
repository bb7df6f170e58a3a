import { describe, expect, test, vi } from "vitest";
import { MQTTClient } from "../../../src/client/mqtt-client.ts";
import type { MQTTClientOptions } from "../../../src/client/options/client-options.ts";
import { OPTION_NAMES } from "../../../src/client/options/client-options.ts";
import type { ClientSettings } from "../../../src/client/options/settings.ts";
import { readSettings } from "../../../src/client/options/settings.ts";
import { OptionError, TopicError, UnknownOptionError } from "../../../src/errors/input-errors.ts";
import { MemoryBroker } from "../../../src/testing.ts";
import { ManualClock } from "../../runtime/manual-clock.ts";
import { recordingLogger } from "../../runtime/recording-logger.ts";

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const LONGEST_TIMER_MS = 2_147_483_647;

/** The settings of these options, given as a caller without types may give them. */
const settingsOf = (options: Readonly<Record<string, unknown>> = {}): ClientSettings =>
  Reflect.apply(readSettings, undefined, [{ broker: "host", ...options }]);

const refusalOf = (options: Readonly<Record<string, unknown>>): unknown => {
  try {
    settingsOf(options);
  } catch (error) {
    return error;
  }
  throw new Error("the options were not refused");
};

describe("the default", () => {
  test.each<readonly [keyof ClientSettings, unknown]>([
    ["url", "mqtt://host:1883"],
    ["broker", "mqtt://host:1883"],
    ["credentials", { username: undefined, password: undefined }],
    ["tls", undefined],
    ["timeoutMs", 5_000],
    ["subscriptions", []],
    ["qosDefault", 0],
    ["protocolLevel", "auto"],
    ["responseRouting", "auto"],
    ["reconnect", { minDelayMs: 250, maxDelayMs: 30_000, maxAttempts: Infinity }],
    ["keepAliveMs", 60_000],
    ["maxConcurrentRequests", 64],
    ["maxQueuedRequests", 1_000],
    ["maxPayloadBytes", Infinity],
    ["logger", expect.objectContaining({ error: expect.any(Function) })],
    ["transport", undefined],
    ["random", Math.random],
  ])("of %s is %o", (setting, value) => {
    expect(settingsOf()[setting]).toEqual(value);
  });

  test("of the clock is the machine's", () => {
    vi.useFakeTimers({ now: 1_745_534_869_619 });
    expect(settingsOf().clock.epochMs()).toBe(1_745_534_869_619);
    vi.useRealTimers();
  });

  test("of the namespace is gf_int_v1", () => {
    expect(settingsOf().topics.namespace).toBe("gf_int_v1");
  });

  test("of a mailbox called identifier is the identifier itself, as made unique", () => {
    const options = { broker: "localhost", identifier: "lab", mailbox: "identifier" };
    expect(readSettings(options).mailbox).toBe("lab");
    const unique = readSettings({ ...options, ensureUniqueIdentifier: true });
    expect(unique.mailbox).toBe(unique.identifier);
  });

  test("of identifier and mailbox is fresh for each client", () => {
    const [one, other] = [settingsOf(), settingsOf()];
    expect(one.identifier).toMatch(new RegExp(`^mqtt_client-${UUID.source}$`));
    expect(one.mailbox).toMatch(new RegExp(`^${UUID.source}$`));
    expect(one.identifier).not.toBe(other.identifier);
    expect(one.mailbox).not.toBe(other.mailbox);
  });

  test("is taken for every option that is undefined", () => {
    const undefinedOptions = Object.fromEntries(
      [...OPTION_NAMES].filter((name) => name !== "broker").map((name) => [name, undefined]),
    );
    expect({ ...settingsOf(undefinedOptions), ...FRESH }).toEqual({ ...settingsOf(), ...FRESH });
  });
});

/** What differs from client to client. */
const FRESH = {
  logger: undefined,
  identifier: "",
  mailbox: "",
  signals: undefined,
  topics: undefined,
};

const { transport } = new MemoryBroker().connection;
const clock = new ManualClock();
const createId = () => "id";
const random = () => 0;

describe("the option", () => {
  test.each<readonly [keyof MQTTClientOptions, unknown, Partial<ClientSettings>]>([
    ["port", 1, { url: "mqtt://host:1" }],
    ["port", 65_535, { url: "mqtt://host:65535" }],
    ["identifier", "device", { identifier: "device" }],
    ["identifier", "2D_XX_0_9999", { identifier: "2D_XX_0_9999" }],
    ["timeoutMs", 1, { timeoutMs: 1 }],
    ["timeoutMs", LONGEST_TIMER_MS, { timeoutMs: LONGEST_TIMER_MS }],
    ["username", "user", { credentials: { username: "user", password: undefined } }],
    ["username", "", { credentials: { username: "", password: undefined } }],
    ["password", "", { credentials: { username: undefined, password: "" } }],
    ["password", createId, { credentials: { username: undefined, password: createId } }],
    ["subscriptions", ["a/+"], { subscriptions: [{ filter: "a/+", qos: 0 }] }],
    [
      "subscriptions",
      ["a", "b", "a"],
      {
        subscriptions: [
          { filter: "a", qos: 0 },
          { filter: "b", qos: 0 },
        ],
      },
    ],
    ["qosDefault", 0, { qosDefault: 0 }],
    ["qosDefault", 1, { qosDefault: 1 }],
    ["qosDefault", 2, { qosDefault: 2 }],
    ["protocolVersion", "auto", { protocolLevel: "auto" }],
    ["protocolVersion", "5", { protocolLevel: 5 }],
    ["protocolVersion", 5, { protocolLevel: 5 }],
    ["protocolVersion", "3.1.1", { protocolLevel: 4 }],
    ["protocolVersion", 4, { protocolLevel: 4 }],
    ["tls", {}, { url: "mqtts://host:8883", tls: {} }],
    ["tls", { ca: CERTIFICATE }, { url: "mqtts://host:8883", tls: { ca: CERTIFICATE } }],
    ["responseRouting", "auto", { responseRouting: "auto" }],
    ["responseRouting", "mailbox", { responseRouting: "mailbox" }],
    ["responseRouting", "per-request", { responseRouting: "per-request" }],
    ["mailbox", "device", { mailbox: "device" }],
    ["reconnect", false, { reconnect: { minDelayMs: 0, maxDelayMs: 0, maxAttempts: 0 } }],
    [
      "reconnect",
      {},
      { reconnect: { minDelayMs: 250, maxDelayMs: 30_000, maxAttempts: Infinity } },
    ],
    [
      "reconnect",
      { minDelayMs: 0, maxDelayMs: 0, maxAttempts: 0 },
      { reconnect: { minDelayMs: 0, maxDelayMs: 0, maxAttempts: 0 } },
    ],
    [
      "reconnect",
      { minDelayMs: 60_000 },
      { reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000, maxAttempts: Infinity } },
    ],
    [
      "reconnect",
      { maxAttempts: 3 },
      { reconnect: { minDelayMs: 250, maxDelayMs: 30_000, maxAttempts: 3 } },
    ],
    ["keepAliveMs", 1, { keepAliveMs: 1 }],
    ["keepAliveMs", 65_535_000, { keepAliveMs: 65_535_000 }],
    ["maxConcurrentRequests", 1, { maxConcurrentRequests: 1 }],
    ["maxQueuedRequests", 0, { maxQueuedRequests: 0 }],
    ["maxPayloadBytes", 1, { maxPayloadBytes: 1 }],
    ["maxPayloadBytes", Infinity, { maxPayloadBytes: Infinity }],
    ["transport", transport, { transport }],
    ["createId", createId, { createId, identifier: "mqtt_client-id", mailbox: "id" }],
    ["random", random, { random }],
  ])("%s takes %o", (option, value, settings) => {
    expect(settingsOf({ [option]: value })).toMatchObject(settings);
  });

  test("clock takes another one", () => {
    expect(settingsOf({ clock }).clock.epochMs()).toBe(clock.epochMs());
  });

  test("ensureUniqueIdentifier appends a UUID to the identifier", () => {
    const { identifier } = settingsOf({ identifier: "device", ensureUniqueIdentifier: true });
    expect(identifier).toMatch(new RegExp(`^device-${UUID.source}$`));
    const same = settingsOf({ identifier: "device", ensureUniqueIdentifier: false });
    expect(same.identifier).toBe("device");
  });

  test("namespace is the first segment of every topic", () => {
    expect(settingsOf({ namespace: "lab" }).topics.buildRequestTopic("d", "s", "r")).toBe(
      "lab/s/request/d/r",
    );
  });

  test("qosDefault is that of the subscriptions too", () => {
    expect(settingsOf({ qosDefault: 2, subscriptions: ["a"] }).subscriptions).toEqual([
      { filter: "a", qos: 2 },
    ]);
  });

  test("log level silent makes no logger", () => {
    expect(settingsOf({ logLevel: "silent" }).logger).toBeUndefined();
  });

  test("logger cannot stop the client by throwing", () => {
    const { logger } = recordingLogger();
    const broken = {
      ...logger,
      info: () => {
        throw new Error("the disk is full");
      },
    };
    expect(() => settingsOf({ logger: broken }).logger?.info({}, "something")).not.toThrow();
  });
});

const NOT_WHOLE = ["5", true, NaN, 1.5, -1, {}, [5], 5n];

describe("a bad value is refused with the option and the value", () => {
  const DURATIONS = ["timeoutMs", "keepAliveMs"];
  const COUNTS = ["maxConcurrentRequests", "maxQueuedRequests", "maxPayloadBytes", "port"];

  test.each<readonly [option: string, values: readonly unknown[]]>([
    ...DURATIONS.map(
      (option) => [option, [...NOT_WHOLE, 0, Infinity, LONGEST_TIMER_MS + 1]] as const,
    ),
    ...COUNTS.map((option) => [option, NOT_WHOLE] as const),
    ["port", [0, 65_536, Infinity]],
    ["keepAliveMs", [65_535_001]],
    ["maxConcurrentRequests", [0, 1_000_001, Infinity]],
    ["maxQueuedRequests", [1_000_001, Infinity]],
    ["maxPayloadBytes", [0]],
    ["ensureUniqueIdentifier", [0, 1, "true"]],
    ["subscriptions", ["a/b", 5, {}, new Set(["a"])]],
    ["qosDefault", ["0", 3, -1, true]],
    ["protocolVersion", ["3", "5.0", 3, 311, ["5"]]],
    ["responseRouting", ["Auto", "mail", true]],
    ["logLevel", ["Error", "trace", 3, false]],
    ["logger", [true, "console", {}, { info: () => {} }]],
    ["transport", ["mqtt", {}, { dial: "up" }, () => {}]],
    ["clock", [Date, {}, { epochMs: () => 0 }]],
    ["createId", ["id", {}]],
    ["random", [0.5, {}]],
    ["reconnect.minDelayMs", [...NOT_WHOLE, LONGEST_TIMER_MS + 1, Infinity]],
    ["reconnect.maxDelayMs", [...NOT_WHOLE, LONGEST_TIMER_MS + 1, Infinity]],
    ["reconnect.maxAttempts", NOT_WHOLE],
    ["tls.rejectUnauthorized", [0, 1, "false"]],
    ["tls.servername", [5, {}]],
  ])("%s", (option, values) => {
    const [name = "", field] = option.split(".");
    for (const value of values) {
      const given = field === undefined ? value : { [field]: value };
      expect(refusalOf({ [name]: given }), `given ${String(value)}`).toMatchObject({
        name: "OptionError",
        code: "INVALID_OPTION",
        option,
        value,
        message: expect.stringContaining(`option "${option}" is `),
      });
    }
  });

  test.each(
    [...OPTION_NAMES].filter(
      (name) => !["broker", "identifier", "mailbox", "namespace"].includes(name),
    ),
  )("%s, given null, which means nothing at all", (option) => {
    expect(refusalOf({ [option]: null })).toBeInstanceOf(OptionError);
  });

  test.each(["minDelayMs", "maxDelayMs", "maxAttempts"])("reconnect.%s, given null", (field) => {
    expect(refusalOf({ reconnect: { [field]: null } })).toBeInstanceOf(OptionError);
  });

  test("reconnect, the whole of it", () => {
    for (const value of [true, 5, "no", []]) {
      expect(refusalOf({ reconnect: value })).toBeInstanceOf(OptionError);
    }
  });

  test("reconnect.maxDelayMs, below the least delay", () => {
    expect(refusalOf({ reconnect: { minDelayMs: 100, maxDelayMs: 50 } })).toMatchObject({
      option: "reconnect.maxDelayMs",
      value: 50,
      expected: "a whole number of ms from 100 to 2147483647",
    });
  });

  test.each([
    ["identifier", ["", "a/b", "a+", "#", "a\0", 5, null, {}]],
    ["mailbox", ["", "a/b", "+", 5, null, {}]],
    ["namespace", ["", "a/b", "#", "$share", 5, {}]],
  ])("%s, which is part of topics, with a TopicError", (option, values) => {
    for (const value of values) {
      const refusal = refusalOf({ [option]: value });
      expect(refusal).toBeInstanceOf(TopicError);
      expect(refusal).toMatchObject({ subject: option, value });
    }
  });

  test.each(["", "a#", "a/#/b", 5, null])(
    "a subscription, which is a topic filter, with a TopicError: %j",
    (filter) => {
      expect(refusalOf({ subscriptions: ["fine", filter] })).toMatchObject({
        name: "TopicError",
        value: filter,
      });
    },
  );
});

describe("an option that does not exist", () => {
  test.each([
    ["timeout", "timeoutMs"],
    ["ensure_unique_identifier", "ensureUniqueIdentifier"],
    ["qos_default", "qosDefault"],
    ["clientId", "identifier"],
    ["hostname", "broker"],
    ["host", "broker"],
    ["url", "broker"],
    ["keepalive_ms", "keepAliveMs"],
    ["Namespace", "namespace"],
    ["user_name", "username"],
  ])("of the Python library or MQTT.js gets the one used here: %s", (option, suggestion) => {
    const refusal = refusalOf({ [option]: 5 });
    expect(refusal).toBeInstanceOf(UnknownOptionError);
    expect(refusal).toMatchObject({
      code: "UNKNOWN_OPTION",
      option,
      message: `there is no option "${option}"; expected "${suggestion}"`,
    });
  });

  test("of any other name gets the list of all there are", () => {
    expect(refusalOf({ retries: 3 })).toMatchObject({
      message: `there is no option "retries"; expected one of ${[...OPTION_NAMES].join(", ")}`,
    });
  });

  test.each([
    ["reconnect", { min_delay_ms: 5 }, "min_delay_ms"],
    ["tls", { CA: "PEM" }, "CA"],
  ])("is refused within %s too", (option, value, unknown) => {
    expect(refusalOf({ [option]: value })).toMatchObject({
      name: "UnknownOptionError",
      option: unknown,
    });
  });
});

describe("a client", () => {
  test("tells what it was made of, and nothing dialled", () => {
    const broker = new MemoryBroker();
    const client = new MQTTClient({ ...broker.connection, identifier: "device", timeoutMs: 750 });
    expect(client).toMatchObject({ identifier: "device", timeoutMs: 750, state: "idle" });
    expect(client.broker).toBe("mqtt://memory:1883");
    expect(broker.clientCount).toBe(0);
  });

  test.each([undefined, null, "mqtt://host", 5, ["mqtt://host"], () => {}])(
    "cannot be made of %s",
    (options) => {
      expect(() => Reflect.construct(MQTTClient, [options])).toThrow(OptionError);
    },
  );

  test("does not follow options that are changed after it was made", () => {
    const broker = new MemoryBroker();
    const options = { ...broker.connection, identifier: "device", timeoutMs: 750 };
    const client = new MQTTClient(options);
    Object.assign(options, { identifier: "other", timeoutMs: 1 });
    expect(client).toMatchObject({ identifier: "device", timeoutMs: 750 });
  });
});
