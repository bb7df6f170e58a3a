import { describe, expect, test } from "vitest";
import { readCredentials } from "../../../src/client/options/broker-options.ts";
import type { ClientSettings } from "../../../src/client/options/settings.ts";
import { readSettings } from "../../../src/client/options/settings.ts";
import { MQTTBrokerConfig } from "../../../src/client/options/broker-config.ts";
import type { MQTTBrokerConfigFields } from "../../../src/client/options/broker-config.ts";
import { OptionError } from "../../../src/errors/input-errors.ts";

/** A configuration that nothing of the environment gets into. */
const config = (fields: MQTTBrokerConfigFields): MQTTBrokerConfig =>
  new MQTTBrokerConfig(fields, {});

describe("a MQTTBrokerConfig in place of the broker", () => {
  const broker = config({
    hostname: "broker.test",
    port: 1884,
    timeoutMs: 750,
    username: "user",
    password: "secret",
  });

  test("gives host, port, timeout and credentials", () => {
    expect(readSettings({ broker })).toMatchObject({
      url: "mqtt://broker.test:1884",
      timeoutMs: 750,
      credentials: { username: "user", password: "secret" },
    });
  });

  test("gives way to what stands beside it", () => {
    const beside = { port: 1885, timeoutMs: 50, username: "other", password: "other secret" };
    expect(readSettings({ broker, ...beside })).toMatchObject({
      url: "mqtt://broker.test:1885",
      timeoutMs: 50,
      credentials: { username: "other", password: "other secret" },
    });
  });

  test.each<readonly [string, MQTTBrokerConfigFields, Partial<Parameters<typeof readSettings>[0]>]>(
    [
      ["mqtts://broker.test:8883", { hostname: "broker.test" }, { tls: {} }],
      ["mqtts://broker.test:8884", { hostname: "broker.test", port: 8884 }, { tls: {} }],
      ["wss://broker.test:443/mqtt", { hostname: "wss://broker.test/mqtt" }, {}],
      ["mqtt://broker.test:1883", { hostname: "broker.test" }, {}],
    ],
  )("leads to %s, its default port being that without TLS", (url, fields, options) => {
    expect(readSettings({ broker: config(fields), ...options }).url).toBe(url);
  });
});

describe("the name of the broker in errors and logs", () => {
  const named = (broker: string): ClientSettings["broker"] => readSettings({ broker }).broker;

  test("is its URL", () => {
    expect(named("user:secret@host")).toBe("mqtt://host:1883");
    expect(named("wss://host/mqtt")).toBe("wss://host:443/mqtt");
  });

  test("holds no query, which may be a token", () => {
    expect(named("wss://host/mqtt?token=secret")).toBe("wss://host:443/mqtt");
    expect(readSettings({ broker: "wss://host/mqtt?token=secret" }).url).toBe(
      "wss://host:443/mqtt?token=secret",
    );
  });
});

describe("credentials", () => {
  test("of the URL are used", () => {
    expect(readSettings({ broker: "mqtt://user:secret@host" }).credentials).toEqual({
      username: "user",
      password: "secret",
    });
  });

  test.each([
    { username: "other" },
    { password: "other" },
    { username: "other", password: "other" },
  ])("in two places are refused: %o beside the URL's", (beside) => {
    expect(() => readSettings({ broker: "mqtt://user@host", ...beside })).toThrow(
      /option "username" .* expected none, because the URL holds credentials/,
    );
  });

  test("may have a password that is made when it is asked for", () => {
    const password = () => "fresh";
    expect(readCredentials("user", password)).toEqual({ username: "user", password });
  });

  test.each([
    [5, "text"],
    [null, undefined],
    [undefined, 5],
    ["user", null],
    ["user", { value: "secret" }],
  ])("of another kind are refused: %o, %o", (username, password) => {
    expect(() => readCredentials(username, password)).toThrow(OptionError);
  });
});
