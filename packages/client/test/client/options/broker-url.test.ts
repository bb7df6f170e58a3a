import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBroker } from "../../../src/client/options/broker-url.ts";
import { OptionError } from "../../../src/errors/input-errors.ts";

const NO_HINTS = { port: undefined, hasTls: false };

const urlOf = (broker: string, hints = {}): string =>
  readBroker(broker, { ...NO_HINTS, ...hints }).url;

/** The error that a broker is refused with. */
const refusalOf = (broker: unknown, hints = {}): OptionError => {
  try {
    readBroker(broker, { ...NO_HINTS, ...hints });
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error(`${String(broker)} was not refused`);
};

describe("a broker without a scheme", () => {
  test.each([
    ["broker.example.com", "mqtt://broker.example.com:1883"],
    ["localhost", "mqtt://localhost:1883"],
    ["Broker.Example.COM", "mqtt://broker.example.com:1883"],
    ["my_broker-1", "mqtt://my_broker-1:1883"],
    ["broker.example.com:1884", "mqtt://broker.example.com:1884"],
    ["192.0.2.7", "mqtt://192.0.2.7:1883"],
    ["192.0.2.7:1884", "mqtt://192.0.2.7:1884"],
    ["::1", "mqtt://[::1]:1883"],
    ["2001:db8::7", "mqtt://[2001:db8::7]:1883"],
    ["2001:DB8::7", "mqtt://[2001:db8::7]:1883"],
    ["2001:db8::7:1884", "mqtt://[2001:db8::7:1884]:1883"],
    ["::ffff:192.0.2.7", "mqtt://[::ffff:c000:207]:1883"],
    ["[::1]", "mqtt://[::1]:1883"],
    ["[2001:db8::7]:1884", "mqtt://[2001:db8::7]:1884"],
  ])("is a host: %s", (broker, url) => {
    expect(urlOf(broker)).toBe(url);
  });

  test.each([
    ["broker.example.com", "mqtts://broker.example.com:8883"],
    ["::1", "mqtts://[::1]:8883"],
  ])("is dialled with TLS where TLS options are given: %s", (broker, url) => {
    expect(urlOf(broker, { hasTls: true })).toBe(url);
  });
});

describe("a URL of a broker", () => {
  test.each([
    ["mqtt://host", "mqtt://host:1883"],
    ["mqtts://host", "mqtts://host:8883"],
    ["ws://host", "ws://host:80"],
    ["wss://host", "wss://host:443"],
    ["MQTTS://Host", "mqtts://host:8883"],
    ["mqtt://host/", "mqtt://host:1883"],
    ["mqtt://host:1884", "mqtt://host:1884"],
    ["ws://host:80", "ws://host:80"],
    ["wss://host:80", "wss://host:80"],
    ["mqtt://host:80", "mqtt://host:80"],
    ["mqtt://host:65535", "mqtt://host:65535"],
    ["mqtt://[::1]", "mqtt://[::1]:1883"],
    ["mqtts://[2001:db8::7]:8884", "mqtts://[2001:db8::7]:8884"],
  ])("gets the port of its scheme unless it names one: %s", (broker, url) => {
    expect(urlOf(broker).replace(/\/$/, "")).toBe(url);
  });

  test.each([
    ["ws://host:8080/mqtt", "ws://host:8080/mqtt"],
    ["ws://host/mqtt?token=a%20b", "ws://host:80/mqtt?token=a%20b"],
    ["wss://host?token=x", "wss://host:443?token=x"],
    ["ws://host/path:123", "ws://host:80/path:123"],
    ["ws://host/mqtt?at=a:5", "ws://host:80/mqtt?at=a:5"],
    ["ws://host/a@b", "ws://host:80/a@b"],
    ["ws://host/Path", "ws://host:80/Path"],
  ])("keeps path and query of a WebSocket, and reads no port there: %s", (broker, url) => {
    expect(urlOf(broker)).toBe(url);
  });
});

describe("the port option", () => {
  test.each([
    ["host", "mqtt://host:9001"],
    ["::1", "mqtt://[::1]:9001"],
    ["wss://host/mqtt", "wss://host:9001/mqtt"],
    ["mqtt://host:9001", "mqtt://host:9001"],
  ])("is used with %s", (broker, url) => {
    expect(urlOf(broker, { port: 9001 })).toBe(url);
  });

  test("that differs from the one in the URL is refused", () => {
    expect(refusalOf("mqtt://host:1884", { port: 1883 })).toMatchObject({
      option: "port",
      value: 1883,
      message: 'option "port" is 1883; expected the port in the broker\'s URL, 1884',
    });
  });
});

describe("credentials in a broker's URL", () => {
  test.each([
    ["mqtt://user:secret@host", "user", "secret"],
    ["user:secret@host", "user", "secret"],
    ["mqtt://user@host", "user", undefined],
    ["mqtt://:secret@host", undefined, "secret"],
    ["mqtt://user:@host", "user", undefined],
    ["mqtt://us%40er:p%2Fa%3Ass%25@host:1884", "us@er", "p/a:ss%"],
    ["mqtt://user:se:cret@host", "user", "se:cret"],
    ["ws://us%C3%A9r:s%C3%A9cret@host/mqtt", "usér", "sécret"],
  ])("are taken out of it: %s", (broker, username, password) => {
    const address = readBroker(broker, NO_HINTS);
    expect(address).toMatchObject({ username, password });
    expect(address.url).not.toContain("@");
    expect(address.url).not.toContain("cret");
  });

  test("come out as they were encoded, whatever they are", () => {
    const anyText = fc.string({ unit: "grapheme", minLength: 1 });
    fc.assert(
      fc.property(anyText, anyText, (username, password) => {
        const userInfo = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
        const address = readBroker(`mqtts://${userInfo}@host:8884`, NO_HINTS);
        expect(address).toEqual({ url: "mqtts://host:8884", username, password });
      }),
    );
  });
});

describe("TLS options", () => {
  test.each(["mqtt://host", "ws://host/mqtt"])("with %s are refused, not ignored", (broker) => {
    const [scheme = ""] = broker.split("://");
    expect(refusalOf(broker, { hasTls: true })).toMatchObject({
      option: "tls",
      expected: `a broker with mqtts:// or wss://, not ${scheme}://`,
    });
  });

  test.each(["mqtts://host", "wss://host"])("go with %s", (broker) => {
    expect(urlOf(broker, { hasTls: true })).toContain(broker);
  });
});

describe("what is no broker", () => {
  test.each([
    [undefined],
    [null],
    [5],
    [true],
    [{ host: "host" }],
    [["host"]],
    [""],
    [" "],
    [" host"],
    ["host\n"],
    ["ho st"],
    ["ho\tst"],
    ["http://host"],
    ["tcp://host"],
    ["mqtt:host"],
    ["mqtt:/host"],
    ["mqtt://"],
    ["mqtt:///path"],
    ["://host"],
    ["mqtt://host:port"],
    ["mqtt://host:-1"],
    ["mqtt://host:1883:1884"],
    ["mqtt://host/path"],
    ["mqtt://host?query=1"],
    ["mqtt://host#fragment"],
    ["ws://host/#fragment"],
    ["mqtt://[::1"],
    ["mqtt://[host]"],
    ["mqtt://::1"],
    ["host/path"],
    ["mqtt://a@b@host"],
  ])("is refused: %j", (broker) => {
    const refusal = refusalOf(broker);
    expect(refusal.option).toBe("broker");
    expect(refusal.expected).toContain("a host name, an IP address, or a URL with mqtt://");
  });

  test.each(["host:0", "mqtt://host:0", "mqtt://host:65536", "mqtt://host:99999"])(
    "is refused for its port: %s",
    (broker) => {
      expect(refusalOf(broker)).toMatchObject({
        option: "broker",
        expected: "a port from 1 to 65535",
      });
    },
  );

  test("never makes anything but an OptionError, whatever it is", () => {
    const anyBroker = fc.oneof(
      fc.anything(),
      fc.string(),
      fc
        .tuple(
          fc.constantFrom("mqtt://", "mqtts://", "ws://", "wss://", "http://", ""),
          fc.string({ unit: fc.constantFrom(..."[]:@/?#af09.% ".split("")) }),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(anyBroker, fc.boolean(), (broker, hasTls) => {
        try {
          const { url } = readBroker(broker, { port: undefined, hasTls });
          expect(url).toMatch(/^(mqtts?|wss?):\/\/[^/?#@]+:\d+([/?]|$)/);
        } catch (error) {
          expect(error).toBeInstanceOf(OptionError);
        }
      }),
    );
  });
});

describe("a broker that is refused", () => {
  test.each([
    " mqtt://user:hunter2@host",
    "mqtt://user:hunter2@host\n",
    "user:hunter2@host:99999",
    "mqtt://user:hunter2@host:99999",
    "mqtt://user:hunter2@",
    "mqtt://user:hunt/hunter2@host",
    "mqtt://user:hunt@hunter2@host",
    "mqtt://user:hunter2%@host",
    "mqtt://user:hunter2@host/path",
    "http://user:hunter2@host",
    "user:hunter2@ho st",
    "mqtt://user:#hunter2@host",
    "mqtt://user:?hunter2@host",
    "mqtt://host#hunter2",
    "user:hunter2:host:1883",
    "mqtt://host?token=hunter2",
  ])("does not show its password: %s", (broker) => {
    for (const hints of [{}, { hasTls: true }, { port: 1883 }]) {
      const { message, value, expected, stack } = refusalOf(broker, hints);
      for (const text of [message, String(value), expected, stack]) {
        expect(text).not.toContain("hunter2");
      }
    }
  });

  test("shows what was given where no password can be in it", () => {
    expect(refusalOf("http://host").message).toMatch(/^option "broker" is "http/);
    expect(refusalOf("ho st").message).toMatch(/^option "broker" is "ho st"; expected a host name/);
  });
});
