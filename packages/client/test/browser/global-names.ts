import { basename } from "node:path";
import ts from "typescript";

/** A name in the code of a file that the file neither declares nor imports. */
export interface GlobalName {
  readonly name: string;
  /** "file:line". */
  readonly place: string;
}

/** Names something itself, not a property of it or what another module calls it. */
const isReference = (node: ts.Identifier): boolean => {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  return (
    !ts.isMetaProperty(parent) && !ts.isImportSpecifier(parent) && !ts.isExportSpecifier(parent)
  );
};

/** In `globalThis.name`, if something is done with it without a look whether it is there. */
const isTrustedProperty = (node: ts.Identifier): boolean => {
  const { parent } = node;
  if (!ts.isPropertyAccessExpression(parent) || parent.name !== node) return false;
  if (parent.expression.getText() !== "globalThis") return false;
  const use = parent.parent;
  if (ts.isNewExpression(use)) return use.expression === parent;
  const takes =
    ts.isPropertyAccessExpression(use) ||
    ts.isElementAccessExpression(use) ||
    ts.isCallExpression(use);
  return takes && use.expression === parent && use.questionDotToken === undefined;
};

/** The global names that JavaScript files refer to; in `typeof`, by which they are guarded, too. */
export const globalNames = (paths: readonly string[]): readonly GlobalName[] => {
  const program = ts.createProgram([...paths], {
    allowJs: true,
    // Without any library, what no file declares is what the surroundings have to offer.
    noLib: true,
    noResolve: true,
    types: [],
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
  });
  const checker = program.getTypeChecker();
  const isDeclared = (node: ts.Identifier): boolean => {
    const symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    return symbol !== undefined;
  };
  const isGlobal = (node: ts.Identifier): boolean =>
    (isReference(node) && !isDeclared(node)) || isTrustedProperty(node);
  return paths.flatMap((path) => {
    const file = program.getSourceFile(path);
    if (file === undefined) throw new Error(`${path} cannot be read`);
    const found: GlobalName[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && isGlobal(node)) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
        found.push({ name: node.text, place: `${basename(path)}:${line + 1}` });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
    return found;
  });
};
