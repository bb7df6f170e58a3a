import { join } from "node:path";
import ts from "typescript";

import { root } from "./documents.ts";
import type { Program } from "./scenes.ts";
import { sourceOf } from "./source.ts";

const GLOBALS = join(root, "docs/test/support/snippet-globals.d.ts");

/** What the code of a snippet finds around it, see `run.ts` and `blocking-process.js`. */
const GLOBALS_TEXT = `
declare const fixtures: import("./fixtures.ts").Fixtures & import("./fixtures.ts").BlockingFixtures;
declare const startSnippet: (line: number) => void;
`;

/** The compiler options of the repository, less its rules against what is not used. */
export const readCompilerOptions = (): ts.CompilerOptions => {
  const path = join(root, "tsconfig.json");
  const { config, error } = ts.readConfigFile(path, (name) => ts.sys.readFile(name));
  if (error !== undefined)
    throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // What a text shows is not always used.
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
};

/** A file in the folder of its document, so that relative imports and the kind of module are the same. */
const fileNameOf = (program: Program): string => {
  const [first] = program;
  if (first === undefined) throw new Error("a program has at least one snippet");
  const { path, line, language } = first.block;
  return join(root, `${path}.${String(line)}.${language}`);
};

/** Every file beside the snippets, once parsed, which is most of the work and the same for all of them. */
const parsed = new Map<string, ts.SourceFile | undefined>();

const hostWith = (files: ReadonlyMap<string, string>, options: ts.CompilerOptions) => {
  const host = ts.createCompilerHost(options);
  const fallback = { ...host };
  host.fileExists = (name) => files.has(name) || fallback.fileExists(name);
  host.readFile = (name) => files.get(name) ?? fallback.readFile(name);
  host.getSourceFile = (name, ...how) => {
    if (files.has(name)) return fallback.getSourceFile(name, ...how);
    if (!parsed.has(name)) parsed.set(name, fallback.getSourceFile(name, ...how));
    return parsed.get(name);
  };
  return host;
};

const describe = (diagnostic: ts.Diagnostic): string => {
  const { file, start, messageText } = diagnostic;
  const text = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (file === undefined || start === undefined) return text;
  const { line } = file.getLineAndCharacterOfPosition(start);
  const path = file.fileName.replace(root, "").replace(/\.\d+\.[jt]s$/, "");
  return `${path}:${String(line + 1)}: ${text}`;
};

/** The type errors of programs, each at its place in the document. */
export const typeErrorsOf = (programs: readonly Program[]): readonly string[] => {
  const options = readCompilerOptions();
  const files = new Map(programs.map((program) => [fileNameOf(program), sourceOf(program)]));
  const names = [...files.keys()];
  files.set(GLOBALS, GLOBALS_TEXT);
  const checker = ts.createProgram([...names, GLOBALS], options, hostWith(files, options));
  return names.flatMap((name) => {
    const file = checker.getSourceFile(name);
    return [...checker.getSyntacticDiagnostics(file), ...checker.getSemanticDiagnostics(file)].map(
      describe,
    );
  });
};
