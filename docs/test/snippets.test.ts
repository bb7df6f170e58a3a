import { describe, expect, test } from "vitest";

import { guidePaths, readText } from "./support/documents.ts";
import { blocksOf } from "./support/markdown.ts";
import { patternOf } from "./support/printed.ts";
import { play } from "./support/run.ts";
import { programsOf, scenesOf } from "./support/scenes.ts";
import { typeErrorsOf } from "./support/type-check.ts";

const documents = guidePaths.map((path) => ({ path, blocks: blocksOf(path, readText(path)) }));

const played = documents
  .map(({ path, blocks }) => ({ path, scenes: scenesOf(blocks) }))
  .filter(({ scenes }) => scenes.length > 0);

describe.each(played)("$path", ({ scenes }) => {
  for (const scene of scenes) {
    const snippets = scene.flat();
    const lines = snippets.map(({ block }) => String(block.line)).join(", ");

    test(`the code at line ${lines} runs, and prints what the text says`, async () => {
      const { printed, leftRunning } = await play(scene);
      for (const { block } of snippets) {
        if (block.output === undefined) continue;
        expect(printed.printedBy(block.line)).toMatch(patternOf(block.output));
      }
      expect(leftRunning, "programs that do not end by themselves").toEqual([]);
    });
  }
});

test("all code in the documents has the right types", () => {
  expect(typeErrorsOf(documents.flatMap(({ blocks }) => programsOf(blocks)))).toEqual([]);
});
