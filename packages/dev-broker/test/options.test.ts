import { describe, expect, test } from "vitest";
import { DevBrokerError, InvalidOptionError, startDevBroker } from "../src/index.ts";

// What callers without a type checker, or with data from a file, may pass.
const INVALID = [
  { option: "port", value: -1, shown: "-1" },
  { option: "port", value: 65_536, shown: "65536" },
  { option: "port", value: 1883.5, shown: "1883.5" },
  { option: "port", value: Number.NaN, shown: "NaN" },
  { option: "port", value: "1883", shown: '"1883"' },
  { option: "port", value: null, shown: "null" },
  { option: "port", value: false, shown: "false" },
  { option: "wsPort", value: true, shown: "true" },
  { option: "wsPort", value: 70_000, shown: "70000" },
  { option: "host", value: "", shown: '""' },
  { option: "host", value: 127, shown: "127" },
  { option: "protocolVersions", value: [], shown: "[]" },
  { option: "protocolVersions", value: [3, 5], shown: "[3, 5]" },
  { option: "protocolVersions", value: 5, shown: "5" },
  { option: "authenticate", value: "ada", shown: '"ada"' },
  { option: "authorizePublish", value: {}, shown: "an object" },
  { option: "authorizeSubscribe", value: true, shown: "true" },
  { option: "onError", value: null, shown: "null" },
];

test.each(INVALID)("$option: $shown is refused by name and value", async (invalid) => {
  const { option, value, shown } = invalid;
  const started = startDevBroker({ [option]: value });
  await expect(started).rejects.toBeInstanceOf(InvalidOptionError);
  await expect(started).rejects.toMatchObject({ code: "INVALID_OPTION", option, value });
  await expect(started).rejects.toThrow(`option "${option}" must be `);
  await expect(started).rejects.toThrow(`, but is ${shown}`);
});

test("the same port for TCP and WebSocket is refused", async () => {
  const started = startDevBroker({ port: 1883, wsPort: 1883 });
  await expect(started).rejects.toThrow(
    'option "wsPort" must be another port than "port", but is 1883',
  );
});

test("an option that is undefined has its default", async () => {
  const absent = Object.fromEntries(INVALID.map(({ option }) => [option, undefined]));
  await using broker = await startDevBroker(absent);
  expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
});

describe("an error", () => {
  test("tells its class by its name and by instanceof", async () => {
    const error = await startDevBroker({ port: -1 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DevBrokerError);
    expect(String(error)).toBe(
      'InvalidOptionError: option "port" must be a whole number from 0 to 65535, but is -1',
    );
  });
});
