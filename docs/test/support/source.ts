import ts from "typescript";

import { fixtureNames } from "./fixtures.ts";
import type { Program } from "./scenes.ts";

/** What stands before a snippet, on the line of its opening fence. */
const prologueOf = ({ block, fixtures }: Program[number]): string => {
  const given = fixtures.map((name) => {
    const names = fixtureNames(name);
    return `${names.length === 0 ? "" : `const { ${names.join(", ")} } = `}await fixtures.${name}();`;
  });
  return [`startSnippet(${String(block.line)});`, ...given].join(" ");
};

/** A program as one source text, in which every line stands where it stands in the document. */
export const sourceOf = (program: Program): string => {
  const lines: string[] = [];
  for (const snippet of program) {
    const { line, code } = snippet.block;
    while (lines.length < line - 1) lines.push("");
    lines.push(prologueOf(snippet), ...code.split("\n"));
  }
  return `${lines.join("\n")}\n`;
};

const bindingsOf = (clause: ts.ImportClause): string => {
  const { name, namedBindings: named } = clause;
  if (named !== undefined && ts.isNamespaceImport(named)) return named.name.text;
  const elements = named?.elements.filter(({ isTypeOnly }) => !isTypeOnly) ?? [];
  const bindings = elements.map((element) =>
    element.propertyName === undefined
      ? element.name.text
      : `${element.propertyName.text}: ${element.name.text}`,
  );
  if (name !== undefined) bindings.unshift(`default: ${name.text}`);
  return `{ ${bindings.join(", ")} }`;
};

/** The same statement as a call of `importModule`, on as many lines. */
const importCall = (statement: ts.ImportDeclaration, text: string): string => {
  const clause = statement.importClause;
  const lineBreaks = "\n".repeat(text.split("\n").length - 1);
  if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return lineBreaks;
  const target = clause === undefined ? "" : `const ${bindingsOf(clause)} = `;
  return `${target}await importModule(${statement.moduleSpecifier.getText()});${lineBreaks}`;
};

/** The source as the body of an async function in JavaScript, with its imports as calls. */
const toFunctionBody = (source: string): string => {
  const file = ts.createSourceFile("snippet.ts", source, ts.ScriptTarget.Latest, true);
  let body = source;
  for (const statement of file.statements.toReversed()) {
    if (!ts.isImportDeclaration(statement)) continue;
    const start = statement.getStart();
    const text = source.slice(start, statement.end);
    body = body.slice(0, start) + importCall(statement, text) + body.slice(statement.end);
  }
  const wrapped = `async function snippet() {${body}}`;
  return ts.transpile(wrapped, { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext });
};

/** A program as a script that gives a function of its surroundings, see `Surroundings` of `run.ts`. */
export const scriptOf = (program: Program): string => {
  const body = toFunctionBody(sourceOf(program));
  return `(importModule, fixtures, startSnippet, console) => { ${body}; return snippet(); }`;
};
