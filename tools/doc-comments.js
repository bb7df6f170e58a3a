// @ts-check
// Lists what the packages export without an `@example`, and their options without a `@default`; ends with 1 if there
// is any. Errors are made by the library, so their constructors and fields need no example.
// usage: node tools/doc-comments.js
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ENTRIES = [
  "client/src/index.ts",
  "client/src/testing.ts",
  "client/src/cbor.ts",
  "dev-broker/src/index.ts",
];
const root = fileURLToPath(new URL("..", import.meta.url));

const program = ts.createProgram(
  ENTRIES.map((entry) => `${root}packages/${entry}`),
  {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  },
);
const checker = program.getTypeChecker();

/** @param {ts.Symbol} symbol @param {string} tag */
const hasTag = (symbol, tag) => symbol.getJsDocTags(checker).some(({ name }) => name === tag);

/** @param {ts.Symbol} symbol */
const isPublic = (symbol) =>
  !symbol.name.startsWith("#") &&
  !symbol.name.startsWith("__") &&
  (symbol.declarations ?? []).every(
    (declaration) =>
      (ts.getCombinedModifierFlags(declaration) &
        (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) ===
      0,
  );

/** Methods of both clients do the same, so one example is enough. */
const SAME_AS = new Map([["SyncMQTTClient", "MQTTClient"]]);

/** Where a symbol stands. @param {ts.Symbol} symbol @param {string} name @param {string} tag */
const complaint = (symbol, name, tag) => {
  const declaration = symbol.declarations?.[0];
  const file = declaration?.getSourceFile();
  const line = file?.getLineAndCharacterOfPosition(declaration?.getStart() ?? 0).line ?? 0;
  return `${file?.fileName.slice(root.length)}:${line + 1}: ${name} has no @${tag}`;
};

/** @param {ts.Symbol} symbol */
const isError = (symbol) =>
  checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .some(({ name }) => name === "stack");

/** Methods and accessors that a class declares itself. @param {ts.Symbol} symbol */
const membersOf = (symbol) =>
  [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])].filter(
    (member) =>
      member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor) && isPublic(member),
  );

/** @param {ts.Symbol} member @param {ts.Symbol | undefined} model */
const hasExample = (member, model) =>
  [member, model?.members?.get(member.escapedName)].some(
    (symbol) => symbol !== undefined && hasTag(symbol, "example"),
  );

/** @param {ts.Symbol} symbol @param {ReadonlyMap<string, ts.Symbol>} exported @returns {readonly string[]} */
const missingIn = (symbol, exported) => {
  const { name, flags } = symbol;
  const model = exported.get(SAME_AS.get(name) ?? "");
  const missing = [];
  if (flags & ts.SymbolFlags.Interface && name.endsWith("Options")) {
    for (const field of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))) {
      if (field.flags & ts.SymbolFlags.Optional && !hasTag(field, "default")) {
        missing.push(complaint(field, `${name}.${field.name}`, "default"));
      }
    }
  }
  if (flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Function) && !isError(symbol)) {
    if (!hasTag(symbol, "example")) missing.push(complaint(symbol, name, "example"));
    for (const member of flags & ts.SymbolFlags.Class ? membersOf(symbol) : []) {
      if (!hasExample(member, model)) {
        missing.push(complaint(member, `${name}.${member.name}`, "example"));
      }
    }
  }
  return missing;
};

const missing = ENTRIES.flatMap((entry) => {
  const file = program.getSourceFile(`${root}packages/${entry}`);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${entry} exports nothing`);
  const exported = checker
    .getExportsOfModule(module)
    .map((symbol) =>
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    );
  const byName = new Map(exported.map((symbol) => [symbol.name, symbol]));
  return exported.flatMap((symbol) => missingIn(symbol, byName));
});
for (const line of new Set(missing)) console.log(line);
if (missing.length > 0) process.exitCode = 1;
