import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import { MQTTBrokerConfig } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----";
const SECRET = "hunter2";

/** Everything that a value shows of itself, its hidden fields and causes included. */
const shownBy = (value: unknown): string =>
  [
    inspect(value, { depth: Infinity, showHidden: true, getters: false }),
    String(value),
    JSON.stringify(value) ?? "",
    value instanceof Error ? `${String(value.stack)} ${JSON.stringify(Object.entries(value))}` : "",
  ].join("\n");

const expectNoSecretIn = (value: unknown): void => {
  const shown = shownBy(value);
  const at = shown.indexOf(SECRET);
  expect(at === -1 ? "no secret" : shown.slice(Math.max(0, at - 100), at + 100)).toBe("no secret");
};

const errorOf = async (action: () => unknown): Promise<Error> => {
  try {
    await action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
};

const CLIENTS: readonly (readonly [where: string, make: () => MQTTClient])[] = [
  ["the option", () => new MQTTClient({ broker: "host", username: "user", password: SECRET })],
  ["the URL", () => new MQTTClient({ broker: `mqtt://user:${SECRET}@host` })],
  ["the URL's query", () => new MQTTClient({ broker: `wss://host/mqtt?token=${SECRET}` })],
  [
    "a configuration",
    () => new MQTTClient({ broker: new MQTTBrokerConfig({ hostname: "host", password: SECRET }) }),
  ],
  [
    "setCredentials",
    () => {
      const client = new MQTTClient({ broker: "host" });
      client.setCredentials("user", SECRET);
      return client;
    },
  ],
  [
    "the key of a certificate",
    () =>
      new MQTTClient({
        broker: "host",
        tls: { cert: CERTIFICATE, key: `-----BEGIN PRIVATE KEY-----\n${SECRET}` },
      }),
  ],
];

describe("a secret from", () => {
  test.each(CLIENTS)("%s is in nothing that a client shows", (_where, make) => {
    const client = make();
    expectNoSecretIn(client);
    expectNoSecretIn(Object.entries(client));
  });

  test.each(CLIENTS)("%s is in no error of a call without a connection", async (_where, make) => {
    const client = make();
    for (const call of [
      () => client.publish("a", {}),
      () => client.subscribe("a"),
      () => client.request({ targetDeviceTag: "d", subsystem: "s", path: "p" }),
    ]) {
      expectNoSecretIn(await errorOf(call));
    }
  });
});

describe("a refused option does not show", () => {
  const construct = (options: unknown): unknown => Reflect.construct(MQTTClient, [options]);

  test.each([
    ["a password of the wrong kind", { broker: "host", password: { value: SECRET } }],
    ["a password under another name", { broker: "host", passwd: SECRET }],
    ["a URL in place of the options", `mqtt://user:${SECRET}@host`],
    ["a URL in a list in place of the options", [`mqtt://user:${SECRET}@host`]],
    ["a URL that cannot be read", { broker: `mqtt://user:${SECRET}@ho st` }],
    ["credentials in two places", { broker: `mqtt://user:${SECRET}@host`, username: "user" }],
    ["credentials in two places", { broker: "mqtt://user@host", password: SECRET }],
    ["a key in place of the TLS options", { broker: "host", tls: SECRET }],
    ["a key of the wrong kind", { broker: "host", tls: { key: [SECRET] } }],
    ["a certificate of the wrong kind", { broker: "host", tls: { cert: [SECRET] } }],
    ["an authority of the wrong kind", { broker: "host", tls: { ca: { pem: SECRET } } }],
    [
      "TLS options without TLS",
      {
        broker: "mqtt://host",
        tls: { cert: CERTIFICATE, key: `-----BEGIN PRIVATE KEY-----\n${SECRET}` },
      },
    ],
  ])("%s", async (_what, options) => {
    const error = await errorOf(() => construct(options));
    expect(error).toMatchObject({ code: expect.stringMatching(/^(INVALID|UNKNOWN)_OPTION$/) });
    expectNoSecretIn(error);
  });

  test("credentials of the wrong kind given to setCredentials", async () => {
    const client = new MQTTClient({ broker: "host" });
    const error = await errorOf(() =>
      Reflect.apply(client.setCredentials, client, ["user", { value: SECRET }]),
    );
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    expectNoSecretIn(error);
  });
});

describe("a dial that fails", () => {
  test.each([
    ["because the broker refuses the password", SECRET],
    ["because the password function gives no text", () => ({ secret: SECRET })],
  ])("shows and logs no password: %s", async (_why, password) => {
    const { logger, entries } = recordingLogger();
    const broker = new MemoryBroker({ authenticate: () => false });
    // The second one is what a caller without types may give.
    const client: unknown = Reflect.construct(MQTTClient, [
      { ...broker.connection, username: "user", password, logger },
    ]);
    if (!(client instanceof MQTTClient)) throw new Error("no client was made");
    const error = await errorOf(() => client.connect());
    expect(error).toMatchObject({ code: "CONNECTION_FAILED" });
    expectNoSecretIn(error);
    expectNoSecretIn(entries);
    expectNoSecretIn(client);
  });

  test("shows and logs no token of the URL's query", async () => {
    const { logger, entries } = recordingLogger();
    const broker = new MemoryBroker();
    broker.stop();
    const { transport } = broker.connection;
    const client = new MQTTClient({
      broker: `wss://host/mqtt?token=${SECRET}`,
      transport,
      logger,
    });
    const error = await errorOf(() => client.connect());
    expectNoSecretIn(error);
    expectNoSecretIn(entries);
  });
});

describe("the log of a client", () => {
  test("holds neither passwords nor payloads, whatever happens", async () => {
    const { logger, entries } = recordingLogger();
    const broker = new MemoryBroker();
    const client = new MQTTClient({
      ...broker.connection,
      identifier: "device",
      username: "user",
      password: SECRET,
      logger,
      reconnect: { minDelayMs: 0, maxDelayMs: 0 },
    });
    await client.connect();
    await client.subscribe("events/#");
    for (const payload of [SECRET, `{"body":"${SECRET}"}`, `{"header":{"method":"${SECRET}"}}`]) {
      broker.publish({ topic: "events/a", payload });
      broker.publish({ topic: "gf_int_v1/axuv/request/device/1", payload });
    }
    await client.publish("events/b", { body: SECRET, timestamp: 0 });
    broker.dropConnections();
    await client.connect();
    await client.disconnect();
    expect(entries.length).toBeGreaterThan(5);
    expectNoSecretIn(entries);
  });
});
