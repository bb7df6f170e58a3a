import { describe, expect, test } from "vitest";

import {
  anchorsOf,
  blocksOf,
  localLinksOf,
  namesInProse,
  namesInTables,
} from "./support/markdown.ts";
import type { Block } from "./support/markdown.ts";
import { patternOf } from "./support/printed.ts";
import { play } from "./support/run.ts";
import { programsOf, scenesOf } from "./support/scenes.ts";
import { typeErrorsOf } from "./support/type-check.ts";

/*
 * What the other tests of this folder rest on: that a broken document is noticed.
 */

const FENCE = "```";
const fenced = (language: string, ...lines: readonly string[]): string =>
  [FENCE + language, ...lines, FENCE].join("\n");
const document = (...parts: readonly string[]): readonly Block[] =>
  blocksOf("docs/sample.md", parts.join("\n\n"));

describe("blocksOf", () => {
  test("finds blocks with their lines, comments and output", () => {
    const blocks = document(
      "# Sample",
      "<!-- with: client -->",
      fenced("ts", "a();"),
      fenced("text", "1"),
    );
    expect(blocks).toEqual([
      {
        path: "docs/sample.md",
        line: 5,
        language: "ts",
        code: "a();",
        comments: ["with: client"],
        output: "1",
      },
      expect.objectContaining({ language: "text", comments: [], output: undefined }),
    ]);
  });
  test("takes a block of text after some prose for no output", () => {
    const [block] = document(fenced("ts", "a();"), "A tree:", fenced("text", "└── b"));
    expect(block?.output).toBeUndefined();
  });
  test("refuses a fence that is not closed", () => {
    expect(() => document("```ts\na();")).toThrow("docs/sample.md:1: the fence is not closed");
  });
});

describe("scenesOf", () => {
  const shape = (blocks: readonly Block[]): readonly (readonly number[])[] =>
    scenesOf(blocks).map((scene) => scene.map(({ length }) => length));

  test("puts blocks that go on into one program, and those alongside into one scene", () => {
    const ts = fenced("ts", "a();");
    const blocks = document(ts, "<!-- continues -->", ts, "<!-- alongside -->", ts, ts);
    expect(shape(blocks)).toEqual([[2, 1], [1]]);
  });
  test("leaves out other languages and what is not to be run", () => {
    const blocks = document(
      fenced("sh", "ls"),
      "<!-- not run: needs a browser -->",
      fenced("ts", "a();"),
    );
    expect(shape(blocks)).toEqual([]);
    expect(programsOf(blocks)).toHaveLength(1);
  });
  test.each(["contines", "not run", "with:", "alongside: x"])(
    "refuses the comment %s",
    (comment) => {
      expect(() => scenesOf(document(`<!-- ${comment} -->`, fenced("ts", "a();")))).toThrow(
        `docs/sample.md:3: unknown directive "${comment}"`,
      );
    },
  );
  test("refuses to go on where nothing was", () => {
    expect(() => scenesOf(document("<!-- continues -->", fenced("ts", "a();")))).toThrow(
      "there is no block before it",
    );
  });
});

const playOnly = async (blocks: readonly Block[]): ReturnType<typeof play> => {
  const [scene] = scenesOf(blocks);
  if (scene === undefined) throw new Error("there is nothing to run");
  return play(scene);
};

describe("play", () => {
  test("keeps what each block prints", async () => {
    const first = fenced("ts", "const a = 1;", "console.log(a);");
    const blocks = document(
      first,
      "<!-- continues -->",
      fenced("ts", "console.error({ a }, `é`);"),
    );
    const { printed } = await playOnly(blocks);
    expect(blocks.map(({ line }) => printed.printedBy(line))).toEqual(["1", "{ a: 1 } é"]);
  });
  test("rejects with what a block throws", async () => {
    await expect(playOnly(document(fenced("ts", "throw new RangeError('no');")))).rejects.toThrow(
      RangeError,
    );
  });
  test("brings in what the text assumes, under the names of the imports", async () => {
    const blocks = document(
      "<!-- with: axuv -->",
      fenced(
        "ts",
        'import { NotFoundResponse as Missing, type DeviceHandle } from "gf-mqtt-client";',
        'import type { Payload } from "gf-mqtt-client";',
        'import * as v from "valibot";',
        'const refused = await axuv.get("losses").catch((error: unknown) => error);',
        "const handle: DeviceHandle = axuv;",
        "const payload: Payload | undefined = undefined;",
        "console.log(refused instanceof Missing, handle.subsystem, payload, typeof v.string);",
      ),
    );
    expect(typeErrorsOf(programsOf(blocks))).toEqual([]);
    const { printed } = await playOnly(blocks);
    expect(printed.printedBy(3)).toBe("true axuv undefined function");
  });
  test("tells of a program that leaves its client connected", async () => {
    const code = [
      'import { MQTTClient } from "gf-mqtt-client";',
      'await new MQTTClient({ broker: "broker.example.com" }).connect();',
    ];
    const silent = await playOnly(document(fenced("ts", ...code)));
    expect(silent.leftRunning).toEqual(["docs/sample.md:1"]);
    const open = await playOnly(document("<!-- keeps running -->", fenced("ts", ...code)));
    expect(open.leftRunning).toEqual([]);
  });
  test("runs code that blocks in a process of its own, beside what is alongside", async () => {
    const serving = [
      'import { SyncMQTTClient, SyncRequestHandlerBase } from "gf-mqtt-client";',
      'const device = new SyncMQTTClient({ broker: "broker.example.com", identifier: "served" });',
      "const process = (client, topic, request) => client.respond(topic, request, { body: 1 });",
      "device.addMessageHandler(new SyncRequestHandlerBase({ process }));",
      "device.connect();",
      "console.log(`serves`);",
      "device.run();",
    ];
    const blocks = document(
      "<!-- blocks -->",
      "<!-- keeps running -->",
      fenced("js", ...serving),
      "<!-- alongside -->",
      "<!-- blocks -->",
      "<!-- with: syncAxuv -->",
      fenced("js", 'console.log(client.device("served", "lab").get("x").body);'),
      "<!-- blocks -->",
      "<!-- continues -->",
      fenced("js", 'console.log(axuv.get("gains").body);'),
    );
    const { printed, leftRunning } = await playOnly(blocks);
    expect(blocks.map(({ line }) => printed.printedBy(line))).toEqual([
      "serves",
      "1",
      "[ 0, 1, 2, 3, 4 ]",
    ]);
    expect(leftRunning).toEqual([]);
  });
  test("rejects with what code that blocks throws, and tells of a client left connected", async () => {
    const throwing = document("<!-- blocks -->", fenced("js", "throw new RangeError('no');"));
    await expect(playOnly(throwing)).rejects.toThrow("RangeError: no");
    const code = [
      'import { SyncMQTTClient } from "gf-mqtt-client";',
      'new SyncMQTTClient({ broker: "broker.example.com" }).connect();',
    ];
    const silent = await playOnly(document("<!-- blocks -->", fenced("js", ...code)));
    expect(silent.leftRunning).toEqual(["docs/sample.md:3"]);
  });
  test("refuses a fixture that there is not", async () => {
    const blocks = document("<!-- with: magic -->", fenced("ts", "magic();"));
    await expect(playOnly(blocks)).rejects.toThrow('there is no fixture "magic"');
  });
});

describe("typeErrorsOf", () => {
  test("names the line of the document, in code that is not run, too", () => {
    const blocks = document(
      fenced("ts", 'import { MQTTClient } from "gf-mqtt-client";', "new MQTTClient({ brokr: 1 });"),
      "<!-- not run: a sample -->",
      fenced("ts", "const unknown: unknown = 1;", "unknown.field;"),
      fenced("js", "const f = (a) => a;", "f(1);"),
    );
    expect(typeErrorsOf(programsOf(blocks)).map((error) => error.split(": ")[0])).toEqual([
      "docs/sample.md:3",
      "docs/sample.md:14",
      "docs/sample.md:10",
    ]);
  });
});

describe("patternOf", () => {
  test("takes … for any text within a line, and everything else literally", () => {
    expect("a (1.5 ms)\nb").toMatch(patternOf("a (… ms)\nb\n"));
    expect("a (1\n5 ms)\nb").not.toMatch(patternOf("a (… ms)\nb"));
    expect("a.b c").not.toMatch(patternOf("a.b"));
    expect("axb").not.toMatch(patternOf("a.b"));
  });
});

test("names are found in code spans, not in fences", () => {
  const text = ["| `a(b)`, `c` | `d` |", "and `e` but not f", fenced("ts", "g();")].join("\n");
  expect([...namesInProse(text)]).toEqual(["a", "b", "c", "d", "e"]);
  expect([...namesInTables(text)]).toEqual(["a", "b", "c"]);
});

test("links and headings meet as GitHub spells them", () => {
  const text = "## What's `new`: A-Z\n\n[a](b.md#c) [d](#whats-new-a-z) [e](https://example.com)";
  expect(localLinksOf(text)).toEqual([
    { path: "b.md", anchor: "c" },
    { path: "", anchor: "whats-new-a-z" },
  ]);
  expect(anchorsOf(text)).toEqual(["whats-new-a-z"]);
});
