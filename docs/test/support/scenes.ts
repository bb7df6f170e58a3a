import type { Block } from "./markdown.ts";

/*
 * Every block of TypeScript or JavaScript in a document is run. A comment right above it, which
 * readers do not see, says what it takes for granted:
 *
 *   with: client, device    names and peers that the text assumes, see `fixtures.ts`
 *   continues               goes on where the block before it ended, in the same scope
 *   alongside               a program of its own, run while those before it still stand
 *   keeps running           leaves its client connected, as devices do
 *   blocks                  is run in a process of its own, with the built packages: its broker and its
 *                           peers could not answer in a thread that it blocks
 *   not run: REASON         only its types are checked
 */

/** What the comments above a block say. */
interface Directives {
  readonly fixtures: readonly string[];
  readonly continues: boolean;
  readonly alongside: boolean;
  readonly keepsRunning: boolean;
  readonly blocks: boolean;
  readonly notRun: string | undefined;
}

/** A block to be run or checked. */
export interface Snippet extends Directives {
  readonly block: Block;
}

/** Snippets that share a scope. */
export type Program = readonly Snippet[];

/** Programs that share a broker; each is started when the one before it has come to its end. */
export type Scene = readonly Program[];

const LANGUAGES: readonly string[] = ["ts", "js"];

export const placeOf = ({ path, line }: Block): string => `${path}:${String(line)}`;

const readDirectives = (block: Block): Directives => {
  const read = {
    fixtures: [] as readonly string[],
    continues: false,
    alongside: false,
    keepsRunning: false,
    blocks: false,
    notRun: undefined as string | undefined,
  };
  for (const comment of block.comments) {
    const [, name, value = ""] = /^([a-z ]+?)(?::\s*(.+))?$/.exec(comment) ?? [];
    if (name === "with" && value !== "") read.fixtures = value.split(/\s*,\s*/);
    else if (name === "not run" && value !== "") read.notRun = value;
    else if (comment === "continues") read.continues = true;
    else if (comment === "alongside") read.alongside = true;
    else if (comment === "keeps running") read.keepsRunning = true;
    else if (comment === "blocks") read.blocks = true;
    else throw new Error(`${placeOf(block)}: unknown directive "${comment}"`);
  }
  return read;
};

/** The blocks of a document that are TypeScript or JavaScript. */
const snippetsOf = (blocks: readonly Block[]): readonly Snippet[] =>
  blocks
    .filter(({ language }) => LANGUAGES.includes(language))
    .map((block) => ({ ...readDirectives(block), block }));

/** The last item of a list, which a directive refers to. */
const previous = <T>(list: readonly T[], { block }: Snippet): T => {
  const last = list.at(-1);
  if (last === undefined) throw new Error(`${placeOf(block)}: there is no block before it`);
  return last;
};

/** What is to be run of a document. */
export const scenesOf = (blocks: readonly Block[]): readonly Scene[] => {
  const scenes: Snippet[][][] = [];
  for (const snippet of snippetsOf(blocks)) {
    if (snippet.notRun !== undefined) continue;
    if (snippet.continues) previous(previous(scenes, snippet), snippet).push(snippet);
    else if (snippet.alongside) previous(scenes, snippet).push([snippet]);
    else scenes.push([[snippet]]);
  }
  return scenes;
};

/** What is to be type-checked of a document: what is run, and what isn't. */
export const programsOf = (blocks: readonly Block[]): readonly Program[] => [
  ...scenesOf(blocks).flat(),
  ...snippetsOf(blocks)
    .filter(({ notRun }) => notRun !== undefined)
    .map((snippet) => [snippet]),
];
