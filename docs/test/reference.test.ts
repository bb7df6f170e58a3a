import * as client from "gf-mqtt-client";
import { GfMqttError } from "gf-mqtt-client";
import { describe, expect, test } from "vitest";

import { guidePaths, readText } from "./support/documents.ts";
import { namesInProse, namesInTables } from "./support/markdown.ts";
import { readPublicNames } from "./support/public-names.ts";

const library = readPublicNames("packages/client/src/index.ts");
const testing = readPublicNames("packages/client/src/testing.ts");
const cbor = readPublicNames("packages/client/src/cbor.ts");
const devBroker = readPublicNames("packages/dev-broker/src/index.ts");

const missingFrom = (known: ReadonlySet<string>, names: readonly string[]): readonly string[] =>
  names.filter((name) => !known.has(name));

test("every export of the packages is mentioned in the guide", () => {
  const mentioned = new Set(guidePaths.flatMap((path) => [...namesInProse(readText(path))]));
  const all = [...library.values, ...testing.values, ...cbor.values, ...devBroker.values];
  expect(missingFrom(mentioned, all)).toEqual([]);
});

describe("docs/client.md", () => {
  const document = readText("docs/client.md");

  test.each(["MQTTClientOptions", "ReconnectOptions", "TlsOptions", "RequestOptions"])(
    "has a row for every field of %s",
    (name) => {
      expect(missingFrom(namesInTables(document), library.membersOf(name))).toEqual([]);
    },
  );
  test("has a row for everything in the statistics", () => {
    const fields = library.membersOf("ClientStatistics");
    expect(missingFrom(namesInTables(document), fields)).toEqual([]);
  });
  test.each([
    "PublishOptions",
    "RespondOptions",
    "SubscribeOptions",
    "WaitOptions",
    "DeviceHandle",
    "Logger",
  ])("mentions every member of %s", (name) => {
    expect(missingFrom(namesInProse(document), library.membersOf(name))).toEqual([]);
  });
});

test("README.md has a row for every option of a client", () => {
  const rows = namesInTables(readText("README.md"));
  expect(missingFrom(rows, library.membersOf("MQTTClientOptions"))).toEqual([]);
});

test.each([
  ["MQTTClient", ["docs/client.md", "docs/handlers.md"]],
  ["MessageHandler", ["docs/handlers.md"]],
  ["MessageHandlerOptions", ["docs/handlers.md"]],
  ["RequestHandlerOptions", ["docs/handlers.md"]],
  ["ResponseHandlerOptions", ["docs/handlers.md"]],
  ["PayloadHandler", ["docs/payloads.md"]],
  ["RequestPayloadOptions", ["docs/payloads.md"]],
  ["ResponsePayloadOptions", ["docs/payloads.md"]],
  ["PayloadIssue", ["docs/errors.md"]],
  ["TopicManager", ["docs/protocol.md"]],
  ["TopicParts", ["docs/protocol.md"]],
  ["Clock", ["docs/testing.md"]],
  ["RuntimeReport", ["docs/client.md"]],
  ["FeatureReport", ["docs/client.md"]],
  ["SyncMQTTClient", ["docs/sync.md"]],
  ["SyncPublishOptions", ["docs/sync.md"]],
  ["RunOptions", ["docs/sync.md"]],
])("every member of %s is in %j", (name, paths) => {
  const mentioned = new Set(
    // What a class has is shown in code, too.
    paths.flatMap((path) => readText(path).match(/[A-Za-z_]\w*/g) ?? []),
  );
  expect(missingFrom(mentioned, library.membersOf(name))).toEqual([]);
});

test("docs/sync.md has a row for every option that only a blocking client has, or lacks", () => {
  const rows = namesInTables(readText("docs/sync.md"));
  const [own, others] = ["SyncMQTTClientOptions", "MQTTClientOptions"].map((name) =>
    library.membersOf(name),
  );
  const differing = [
    ...missingFrom(new Set(others), own ?? []),
    ...missingFrom(new Set(own), others ?? []),
  ];
  expect(differing).toContain("spinMs");
  expect(missingFrom(rows, differing)).toEqual([]);
});

test("docs/protocol.md has a row for every response code", () => {
  const rows = namesInTables(readText("docs/protocol.md"));
  expect(missingFrom(rows, Object.keys(client.ResponseCode))).toEqual([]);
});

test.each(["MemoryBroker", "MemoryBrokerOptions", "MemoryMessage"])(
  "docs/testing.md has every member of %s",
  (name) => {
    const mentioned = namesInProse(readText("docs/testing.md"));
    expect(missingFrom(mentioned, testing.membersOf(name))).toEqual([]);
  },
);

test.each(["DevBrokerOptions", "DevBroker", "Credentials"])(
  "the page of gf-mqtt-dev-broker has every member of %s",
  (name) => {
    const mentioned = namesInProse(readText("packages/dev-broker/README.md"));
    expect(missingFrom(mentioned, devBroker.membersOf(name))).toEqual([]);
  },
);

/** Any error class: what its parameters are does not matter for what it is called. */
type ErrorClass = new (...given: readonly unknown[]) => GfMqttError;

const isErrorClass = (value: unknown): value is ErrorClass =>
  typeof value === "function" && value.prototype instanceof GfMqttError;

describe("docs/errors.md", () => {
  const document = readText("docs/errors.md");
  const errorClasses = Object.values<unknown>(client).filter(isErrorClass);
  const named = errorClasses.map((errorClass) => ({ errorClass, name: errorClass.name }));

  test("covers all errors of the library", () => {
    expect(named.length).toBeGreaterThanOrEqual(27);
  });
  test.each(named)("has $name in its tree, with its code", ({ errorClass, name }) => {
    const { code } = new errorClass("a", [], "b");
    expect(document).toMatch(new RegExp(`^[│ ]*[├└]── ${name} +${code}$`, "m"));
  });
  test.each(named)("says of $name when it comes and what to do", ({ name }) => {
    expect(document).toMatch(new RegExp(`^(### ${name}|\\| \`${name}\` )`, "m"));
  });
  test.each(named)("names the fields of $name", ({ errorClass }) => {
    const error = new errorClass("a", [], "b");
    expect(missingFrom(namesInProse(document), Object.keys(error))).toEqual([]);
  });
});
