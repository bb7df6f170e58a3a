import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { MQTTBrokerConfig } from "../../../src/client/options/broker-config.ts";
import { OptionError } from "../../../src/errors/input-errors.ts";

const failure = (run: () => unknown): OptionError => {
  try {
    run();
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("MQTTBrokerConfig", () => {
  test("has defaults", () => {
    expect(JSON.parse(JSON.stringify(new MQTTBrokerConfig({}, {})))).toEqual({
      hostname: "localhost",
      port: 1883,
      timeoutMs: 5_000,
    });
    expect(new MQTTBrokerConfig({}, {})).toMatchObject({
      username: undefined,
      password: undefined,
    });
  });

  const environment = {
    MQTT_BROKER_HOSTNAME: "env.example.com",
    MQTT_BROKER_PORT: "8883",
    MQTT_BROKER_USERNAME: "env user",
    MQTT_BROKER_PASSWORD: "env password",
  };

  test("takes what is not given from the environment", () => {
    const config = new MQTTBrokerConfig(undefined, environment);
    expect(config).toMatchObject({
      hostname: "env.example.com",
      port: 8883,
      timeoutMs: 5_000,
      username: "env user",
      password: "env password",
    });
  });

  test("takes what is given first, empty credentials included", () => {
    const fields = { hostname: "10.0.0.1", port: 1884, timeoutMs: 1, username: "", password: "" };
    const config = new MQTTBrokerConfig(fields, environment);
    expect(config).toMatchObject(fields);
    expect(config.password).toBe("");
  });

  test("uses the environment of the process by default", () => {
    vi.stubEnv("MQTT_BROKER_HOSTNAME", "process.example.com");
    try {
      expect(new MQTTBrokerConfig().hostname).toBe("process.example.com");
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("does without a process, as in a browser", () => {
    vi.stubGlobal("process", undefined);
    try {
      expect(new MQTTBrokerConfig().hostname).toBe("localhost");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("does without an environment that may not be read", () => {
    const closed = new Proxy<Record<string, string>>(
      {},
      {
        get: () => {
          throw new Error("no permission");
        },
      },
    );
    expect(new MQTTBrokerConfig({}, closed).port).toBe(1883);
  });

  test("a variable that is set to nothing is not set", () => {
    const empty = { MQTT_BROKER_PORT: "", MQTT_BROKER_PASSWORD: "", MQTT_BROKER_HOSTNAME: "" };
    const { hostname, port, password } = new MQTTBrokerConfig({}, empty);
    expect({ hostname, port, password }).toEqual({
      hostname: "localhost",
      port: 1883,
      password: undefined,
    });
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN, Infinity, "1883", null, {}])(
    "refuses the port %j",
    (port) => {
      const fields: object = { port };
      expect(failure(() => new MQTTBrokerConfig(fields, {}))).toMatchObject({
        option: "port",
        value: port,
        expected: "a whole number from 1 to 65535",
      });
    },
  );

  test.each(["0", "65536", "1883.5", "-1", "0x10", "1e3", " 1883", "mqtt"])(
    "refuses the port %j of the environment, by the name of the variable",
    (port) => {
      const { message } = failure(() => new MQTTBrokerConfig({}, { MQTT_BROKER_PORT: port }));
      expect(message).toMatch(/^option "MQTT_BROKER_PORT" is .*; expected a whole number/);
    },
  );

  test.each([0, -5, 1.5, 2_147_483_648, "5000"])("refuses the timeout %j", (timeoutMs) => {
    const fields: object = { timeoutMs };
    expect(failure(() => new MQTTBrokerConfig(fields, {})).message).toBe(
      `option "timeoutMs" is ${JSON.stringify(timeoutMs)}; ` +
        "expected a whole number of ms from 1 to 2147483647",
    );
  });

  test.each(["", " ", "a b", "a\n", 5, null])("refuses the host name %j", (hostname) => {
    const fields: object = { hostname };
    expect(failure(() => new MQTTBrokerConfig(fields, {})).option).toBe("hostname");
  });

  test("does not show credentials of the wrong type", () => {
    const fields: object = { password: { secret: "hush" } };
    const { message } = failure(() => new MQTTBrokerConfig(fields, {}));
    expect(message).toContain('option "password"');
    expect(message).toContain("a string, got an object");
    expect(message).not.toContain("hush");
  });

  test("can tell its password, and shows it nowhere", () => {
    const config = new MQTTBrokerConfig({ username: "me", password: "hush" }, {});
    expect(config.password).toBe("hush");
    const shown = [inspect(config, { showHidden: true }), JSON.stringify(config)];
    expect(shown.join()).not.toContain("hush");
    expect(Object.values(config)).not.toContain("hush");
  });

  test("cannot be changed", () => {
    const config = new MQTTBrokerConfig({}, {});
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config, { password: "x" })).toThrow(TypeError);
  });
});
