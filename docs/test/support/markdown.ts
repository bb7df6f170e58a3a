/** A fenced block of a Markdown document. */
export interface Block {
  /** Path of the document. */
  readonly path: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** What stands after the fence: `ts`, `sh`, `text`. */
  readonly language: string;
  readonly code: string;
  /** The HTML comments right above the fence, without their brackets. */
  readonly comments: readonly string[];
  /** The `text` block that follows with nothing in between: what the block prints. */
  readonly output: string | undefined;
}

interface Piece {
  readonly kind: "fence" | "comment" | "prose";
  readonly line: number;
  readonly text: string;
  readonly language: string;
}

const OPENING = /^(`{3,})([\w-]*)\s*$/;
const COMMENT = /^<!--\s*(.*?)\s*-->\s*$/;

/** The document cut into fenced blocks, comment lines and lines of prose; empty lines are left out. */
const piecesOf = (path: string, document: string): readonly Piece[] => {
  const lines = document.split("\n");
  const pieces: Piece[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const text = lines[index] ?? "";
    const line = index + 1;
    const [, fence, language = ""] = OPENING.exec(text) ?? [];
    const comment = COMMENT.exec(text)?.[1];
    if (fence !== undefined) {
      const end = lines.indexOf(fence, line);
      if (end === -1) throw new Error(`${path}:${String(line)}: the fence is not closed`);
      pieces.push({ kind: "fence", line, text: lines.slice(line, end).join("\n"), language });
      index = end;
    } else if (comment !== undefined) {
      pieces.push({ kind: "comment", line, text: comment, language: "" });
    } else if (text.trim() !== "") {
      pieces.push({ kind: "prose", line, text, language: "" });
    }
  }
  return pieces;
};

/** The fenced blocks of a document, in order. */
export const blocksOf = (path: string, document: string): readonly Block[] => {
  const blocks: Block[] = [];
  let comments: string[] = [];
  const pieces = piecesOf(path, document);
  for (const [index, { kind, line, text, language }] of pieces.entries()) {
    if (kind === "fence") {
      const next = pieces[index + 1];
      const isPrinted = next?.kind === "fence" && next.language === "text";
      const output = isPrinted ? next.text : undefined;
      blocks.push({ path, line, language, code: text, comments, output });
    }
    comments = kind === "comment" ? [...comments, text] : [];
  }
  return blocks;
};

/** The document without its fenced blocks. */
const proseOf = (document: string): string => {
  const kept = piecesOf("", document).filter(({ kind }) => kind === "prose");
  return kept.map(({ text }) => text).join("\n");
};

/** The identifiers that the prose of a document writes as code. */
export const namesInProse = (document: string): ReadonlySet<string> => {
  const spans = proseOf(document).match(/`[^`\n]+`/g) ?? [];
  return new Set(spans.flatMap((span) => span.match(/[A-Za-z_]\w*/g) ?? []));
};

/** The identifiers that the first cells of a document's table rows write as code. */
export const namesInTables = (document: string): ReadonlySet<string> => {
  const cells = proseOf(document).match(/^\| [^|]*/gm) ?? [];
  return namesInProse(cells.join("\n"));
};

/** A link of a document. */
export interface MarkdownLink {
  /** Path of a file, relative to the document; empty for a place in the document itself. */
  readonly path: string;
  /** What follows the `#`. */
  readonly anchor: string | undefined;
}

/** The links of a document to files of the repository and to places in them. */
export const localLinksOf = (document: string): readonly MarkdownLink[] =>
  [...proseOf(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(
    ([, path = "", anchor]) => ({ path, anchor }),
  );

/** The places in a document that links can name: its headings, as GitHub spells them. */
export const anchorsOf = (document: string): readonly string[] =>
  [...proseOf(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
