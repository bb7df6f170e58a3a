import { join } from "node:path";
import ts from "typescript";

import { root } from "./documents.ts";
import { readCompilerOptions } from "./type-check.ts";

/** What a package shows to its users, read from the sources. */
export interface PublicNames {
  /** Everything that is exported and exists at run time. */
  readonly values: readonly string[];
  /** The fields and methods of an exported interface or class, without its private ones. */
  membersOf(name: string): readonly string[];
}

const isPrivate = (name: string): boolean => name.startsWith("__") || name.startsWith("#");

/** Reads the exports of an entry point, given by its path in the repository. */
export const readPublicNames = (entry: string): PublicNames => {
  const path = join(root, entry);
  const program = ts.createProgram([path], readCompilerOptions());
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${entry} exports nothing`);
  const exported = checker
    .getExportsOfModule(module)
    .map((symbol) =>
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    );
  return {
    values: exported.filter(({ flags }) => flags & ts.SymbolFlags.Value).map(({ name }) => name),
    membersOf: (name) => {
      const symbol = exported.find((each) => each.name === name);
      if (symbol === undefined) throw new Error(`${entry} does not export ${name}`);
      const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
      return members.map((member) => member.name).filter((member) => !isPrivate(member));
    },
  };
};
