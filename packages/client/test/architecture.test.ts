import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as rules from "./architecture/rules.ts";
import type { Rule } from "./architecture/rules.ts";
import { readSource } from "./architecture/source-file.ts";
import type { SourceFile } from "./architecture/source-file.ts";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

const readFolder = (folder: string): readonly SourceFile[] =>
  readdirSync(posix.join(packageFolder, folder), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readSource(path, readFileSync(posix.join(packageFolder, folder, path), "utf8")));

const dependenciesOf = (manifestText: string): ReadonlySet<string> => {
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } =
    JSON.parse(manifestText);
  return new Set(Object.keys(manifest.dependencies));
};

describe("the sources keep the rule that", () => {
  const sources = readFolder("src");
  const paths = new Set(sources.map(({ path }) => path));
  const dependencies = dependenciesOf(
    readFileSync(posix.join(packageFolder, "package.json"), "utf8"),
  );
  const broken = (rule: Rule): readonly string[] => sources.flatMap(rule);

  test("there are sources to check", () => {
    expect(paths).toContain("transport/mqtt.ts");
  });
  test("every folder has a level", () => {
    expect(broken(rules.folderIsKnown)).toEqual([]);
  });
  test("a folder imports from lower levels only", () => {
    expect(broken(rules.importsPointDown)).toEqual([]);
  });
  test("a relative import names an existing file in full", () => {
    expect(broken(rules.importsResolve(paths))).toEqual([]);
  });
  test("packages are declared, and one file imports mqtt", () => {
    expect(broken(rules.packagesAreDeclared(dependencies))).toEqual([]);
  });
  test("only sync/ imports from Node", () => {
    expect(broken(rules.nodeStaysInSync)).toEqual([]);
  });
  test("protocol/ is pure", () => {
    expect(broken(rules.protocolIsPure)).toEqual([]);
  });
  test("nothing is any", () => {
    expect(broken(rules.nothingIsAny)).toEqual([]);
  });
  test("no file is longer than 300 lines", () => {
    expect(broken(rules.fileIsShort(300))).toEqual([]);
  });
  test("a file is named for its topic", () => {
    expect(broken(rules.fileIsNamedForItsTopic)).toEqual([]);
  });
});

describe("the tests keep the rule that", () => {
  const tests = readFolder("test");

  test("no file is longer than 400 lines", () => {
    expect(tests.flatMap(rules.fileIsShort(400))).toEqual([]);
  });
  test("nothing is any", () => {
    expect(tests.flatMap(rules.nothingIsAny)).toEqual([]);
  });
});

/** What `rule` says about a file of this path and content. */
const verdict = (rule: Rule, path: string, ...lines: readonly string[]): readonly string[] =>
  rule(readSource(path, lines.join("\n")));

describe("a folder that", () => {
  test("nobody gave a level is reported", () => {
    expect(verdict(rules.folderIsKnown, "cache/store.ts")).toEqual([
      expect.stringContaining('cache/store.ts: folder "cache" has no level'),
    ]);
  });
  test("has a level, or is src/ itself, is accepted", () => {
    expect(verdict(rules.folderIsKnown, "sync/worker.ts")).toEqual([]);
    expect(verdict(rules.folderIsKnown, "index.ts")).toEqual([]);
  });
});

describe("an import", () => {
  const upward: readonly (readonly [kind: string, statement: string])[] = [
    ["static", 'import { a } from "../client/client.ts";'],
    ["for its effects", 'import "../client/client.ts";'],
    ["of a type", 'import type { A } from "../client/client.ts";'],
    ["dynamic", 'const a = await import("../client/client.ts");'],
    ["in a type position", 'type A = import("../client/client.ts").A;'],
    ["by export from", 'export { a } from "../client/client.ts";'],
    ["by export of everything", 'export * from "../client/client.ts";'],
    ["by require", 'const a = require("../client/client.ts");'],
    ["by import equals", 'import a = require("../client/client.ts");'],
    ["as a worker", 'new Worker(new URL("../client/client.ts", import.meta.url));'],
  ];
  test.each(upward)("upward, %s, is reported with its line", (_kind, statement) => {
    expect(verdict(rules.importsPointDown, "exchange/pending.ts", "", statement)).toContain(
      "exchange/pending.ts:2: level 4 must not import client/client.ts of level 5",
    );
  });
  test.each([
    ["handlers/chain.ts", "../transport/transport.ts"],
    ["runtime/deadline.ts", "../errors/input-errors.ts"],
    ["json/encode.ts", "../protocol/payload.ts"],
    ["client/client.ts", "../device/router.ts"],
    ["client/client.ts", "../index.ts"],
    ["protocol/deep/topic.ts", "../../options/option-checks.ts"],
  ])("sideways or of an entry point, %s from %s, is reported", (path, specifier) => {
    expect(verdict(rules.importsPointDown, path, `import "${specifier}";`)).toHaveLength(1);
  });
  test.each([
    ["client/client.ts", "../exchange/exchange.ts"],
    ["client/client.ts", "./options.ts"],
    ["client/options/read.ts", "../defaults.ts"],
    ["sync/worker.ts", "../client/client.ts"],
    ["index.ts", "./sync/client.ts"],
    ["testing.ts", "./index.ts"],
  ])("downward or within the folder, %s from %s, is accepted", (path, specifier) => {
    expect(verdict(rules.importsPointDown, path, `import "${specifier}";`)).toEqual([]);
  });
  test("of what lies outside src/ is reported", () => {
    expect(verdict(rules.importsPointDown, "client/a.ts", 'import "../../test/a.ts";')).toEqual([
      "client/a.ts:1: ../../test/a.ts lies outside src/",
    ]);
  });
  test("computed at run time is reported", () => {
    expect(verdict(rules.importsPointDown, "client/a.ts", "await import(name);")).toHaveLength(1);
  });
  test("in a comment or a string is none", () => {
    const lines = ['// import "../client/a.ts";', `const s = 'import "../client/a.ts"';`];
    expect(verdict(rules.importsPointDown, "protocol/a.ts", ...lines)).toEqual([]);
  });
  test("of a file that does not exist, or without its extension, is reported", () => {
    const rule = rules.importsResolve(new Set(["client/a.ts", "client/b.ts"]));
    const lines = ['import "./b.ts";', 'import "./b.js";', 'import "./c.ts";'];
    expect(verdict(rule, "client/a.ts", ...lines)).toEqual([
      "client/a.ts:2: ./b.js is no source file",
      "client/a.ts:3: ./c.ts is no source file",
    ]);
  });
});

describe("a package", () => {
  const rule = rules.packagesAreDeclared(new Set(["mqtt", "valibot", "@standard-schema/spec"]));

  test.each([
    'import "ws";',
    'import fs from "fs";',
    'import type { Packet } from "mqtt-packet";',
    'import { MQTTClient } from "gf-mqtt-client";',
    '/// <reference types="node" />',
  ])("that is no dependency is reported: %s", (statement) => {
    expect(verdict(rule, "client/a.ts", statement)).toHaveLength(1);
  });
  test.each(['import mqtt from "mqtt";', 'import type { A } from "mqtt";', 'import "mqtt/a";'])(
    "mqtt outside transport/mqtt.ts is reported: %s",
    (statement) => {
      expect(verdict(rule, "transport/mqtt-link.ts", statement)).toEqual([
        'transport/mqtt-link.ts:1: only transport/mqtt.ts imports "mqtt"',
      ]);
    },
  );
  test("mqtt in transport/mqtt.ts and a declared one anywhere are accepted", () => {
    expect(verdict(rule, "transport/mqtt.ts", 'import mqtt from "mqtt";')).toEqual([]);
    expect(verdict(rule, "protocol/a.ts", 'import * as v from "valibot";')).toEqual([]);
    expect(verdict(rule, "client/a.ts", 'import type {} from "@standard-schema/spec";')).toEqual(
      [],
    );
  });
  test("of Node outside sync/ is reported", () => {
    const lines = ['import { Worker } from "node:worker_threads";', 'await import("node:fs");'];
    expect(verdict(rules.nodeStaysInSync, "runtime/ids.ts", ...lines)).toHaveLength(2);
    expect(verdict(rules.nodeStaysInSync, "sync/worker.ts", ...lines)).toEqual([]);
  });
});

describe("protocol/", () => {
  test.each([
    "setTimeout(f, 1);",
    "const now = Date.now;",
    "const t = Date.now();",
    "const d = new Date();",
    "const r = Math . random();",
    "const id = crypto.randomUUID();",
    "const id = globalThis.crypto;",
    'const id = globalThis["crypto"];',
    "const { env } = process;",
    "const scope = globalThis;",
    "const D = Date;",
    "console.log(1);",
  ])("is not pure with %s", (statement) => {
    expect(verdict(rules.protocolIsPure, "protocol/topic.ts", statement)).toHaveLength(1);
  });
  test("is pure whatever its comments and strings say", () => {
    const lines = ["// setTimeout, Date.now()", 'const s = "console crypto";', "new Date(0);"];
    expect(verdict(rules.protocolIsPure, "protocol/topic.ts", ...lines)).toEqual([]);
  });
  test("names the clock as a default in payload-handler.ts, and does not read it", () => {
    const path = "protocol/payload-handler.ts";
    const named = "class A { constructor({ now = Date.now } = {}) {} }";
    expect(verdict(rules.protocolIsPure, path, named)).toEqual([]);
    expect(verdict(rules.protocolIsPure, path, "const t = Date.now();")).toHaveLength(1);
  });
  test("is the only folder that has to be pure", () => {
    expect(verdict(rules.protocolIsPure, "runtime/clock.ts", "setTimeout(f, 1);")).toEqual([]);
  });
});

describe("a file", () => {
  test.each(["const a: any = 1;", "f(a as any);", "const a: Map<string, any[]> = b;"])(
    "that says any is reported: %s",
    (statement) => {
      expect(verdict(rules.nothingIsAny, "client/a.ts", statement)).toEqual([
        "client/a.ts:1: the type any",
      ]);
    },
  );
  test("that says any in a comment, a string or a longer name is accepted", () => {
    const lines = ["// any", 'const s = "any";', "const anyOf = 1;", "obj.any();"];
    expect(verdict(rules.nothingIsAny, "client/a.ts", ...lines)).toEqual([]);
  });
  test("is too long one line past the ceiling", () => {
    const ceiling = rules.fileIsShort(3);
    expect(verdict(ceiling, "a.ts", "1", "2", "3", "")).toEqual([]);
    expect(verdict(ceiling, "a.ts", "1", "2", "3", "4")).toEqual([
      "a.ts: 4 lines; the ceiling is 3",
    ]);
  });
  test.each(["client/utils.ts", "types.ts", "client/helpers.ts", "client/MqttClient.ts", "a_b.ts"])(
    "called %s is reported",
    (path) => {
      expect(verdict(rules.fileIsNamedForItsTopic, path)).toHaveLength(1);
    },
  );
  test("with a kebab-case noun for a name is accepted", () => {
    expect(verdict(rules.fileIsNamedForItsTopic, "protocol/response-code.ts")).toEqual([]);
  });
});
