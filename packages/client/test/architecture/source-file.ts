import ts from "typescript";

/** A module that a file refers to: imported, exported from, loaded dynamically or as a worker. */
export interface ModuleReference {
  /** Undefined where it is computed at run time. */
  readonly specifier: string | undefined;
  readonly line: number;
}

/** A name used as code, `Date.now` and the like as a whole. Comments and strings don't count. */
export interface Mention {
  readonly name: string;
  readonly line: number;
  readonly called: boolean;
}

/** What the rules look at in one source file. */
export interface SourceFile {
  /** From the scanned folder, with `/`. */
  readonly path: string;
  readonly lineCount: number;
  readonly references: readonly ModuleReference[];
  readonly mentions: readonly Mention[];
  /** Lines that write the type `any`. */
  readonly anyLines: readonly number[];
}

const text = (node: ts.Node | undefined): string | undefined =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;

const isModuleUrl = (node: ts.Node): node is ts.NewExpression =>
  ts.isNewExpression(node) &&
  node.expression.getText() === "URL" &&
  node.arguments?.[1]?.getText() === "import.meta.url";

const isLoadingCall = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) &&
  (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === "require");

/** The specifier in an array, since it may be undefined; undefined if `node` refers to no module. */
const referenceOf = (node: ts.Node): readonly [string | undefined] | undefined => {
  if (ts.isImportDeclaration(node)) return [text(node.moduleSpecifier)];
  if (ts.isExportDeclaration(node)) {
    return node.moduleSpecifier === undefined ? undefined : [text(node.moduleSpecifier)];
  }
  if (ts.isImportTypeNode(node)) {
    return [ts.isLiteralTypeNode(node.argument) ? text(node.argument.literal) : undefined];
  }
  if (ts.isExternalModuleReference(node)) return [text(node.expression)];
  // A worker is loaded as it was built; the compiler leaves the name in a URL as it is.
  if (isModuleUrl(node)) return [text(node.arguments?.[0])?.replace(/\.js$/, ".ts")];
  return isLoadingCall(node) ? [text(node.arguments?.[0])] : undefined;
};

/** `new Date(0)` makes a date of what it is given, and of `Date.now` the whole is the mention. */
const isPureDate = ({ text: name, parent }: ts.Identifier): boolean =>
  name === "Date" &&
  ((ts.isNewExpression(parent) && parent.arguments?.length !== 0) ||
    ts.isPropertyAccessExpression(parent));

const mentionOf = (node: ts.Node): string | undefined => {
  if (ts.isIdentifier(node)) return isPureDate(node) ? undefined : node.text;
  if (ts.isPropertyAccessExpression(node)) return node.getText().replaceAll(/\s|\?/g, "");
  if (ts.isElementAccessExpression(node)) return text(node.argumentExpression);
  if (ts.isNewExpression(node) && node.arguments?.length === 0)
    return `new ${node.expression.getText()}()`;
  return undefined;
};

const isCalled = (node: ts.Node): boolean =>
  (ts.isCallExpression(node.parent) || ts.isNewExpression(node.parent)) &&
  node.parent.expression === node;

const countLines = (content: string): number =>
  content.split("\n").length - (content.endsWith("\n") ? 1 : 0);

/** Parses one TypeScript file into what the rules look at. */
export const readSource = (path: string, content: string): SourceFile => {
  const root = ts.createSourceFile(path, content, ts.ScriptTarget.ESNext, true);
  const lineOf = (node: ts.Node): number =>
    root.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const references: ModuleReference[] = [];
  const mentions: Mention[] = [];
  const anyLines: number[] = [];
  const visit = (node: ts.Node): void => {
    const line = lineOf(node);
    const reference = referenceOf(node);
    if (reference !== undefined) references.push({ specifier: reference[0], line });
    const name = mentionOf(node);
    if (name !== undefined) mentions.push({ name, line, called: isCalled(node) });
    if (node.kind === ts.SyntaxKind.AnyKeyword) anyLines.push(line);
    ts.forEachChild(node, visit);
  };
  visit(root);
  for (const name of [...root.typeReferenceDirectives, ...root.referencedFiles]) {
    references.push({ specifier: `reference:${name.fileName}`, line: 1 });
  }
  return { path, lineCount: countLines(content), references, mentions, anyLines };
};
