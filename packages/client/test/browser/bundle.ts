import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { BuildOptions, Metafile, Plugin } from "esbuild";

/** What a page needs, in one piece. */
export interface Bundle {
  readonly code: string;
  /** Absolute paths of the library's own files in it, as they were built. */
  readonly ownFiles: readonly string[];
  /** Where something that only Node has is imported: "file imports module". */
  readonly builtinImports: readonly string[];
  /** Modules that it would have to load at run time. */
  readonly leftOutside: readonly string[];
}

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const distFolder = resolve(packageFolder, "dist");

/**
 * Bundles a script that imports the built library as a bundler for browsers does: through the
 * package's exports, with the `browser` condition.
 *
 * @param script - path from this folder.
 */
export const bundleScript = (script: string, options: BuildOptions = {}): Promise<Bundle> =>
  bundle({ ...options, entryPoints: [fileURLToPath(new URL(script, import.meta.url))] });

/** Bundles all that an entry point of the built library exports, in the same way. */
export const bundleEntryPoint = (specifier: string): Promise<Bundle> =>
  bundle({
    stdin: { contents: `export * from ${JSON.stringify(specifier)};`, resolveDir: packageFolder },
  });

const bundle = async (options: BuildOptions): Promise<Bundle> => {
  if (!existsSync(distFolder)) {
    throw new Error(`${distFolder} is missing: run "npm run build" first, as "npm test" does`);
  }
  const builtinImports: string[] = [];
  const { outputFiles, metafile } = await build({
    format: "esm",
    ...options,
    platform: "browser",
    bundle: true,
    write: false,
    metafile: true,
    logLevel: "silent",
    absWorkingDir: packageFolder,
    // The workspace's own maps the package to its sources.
    tsconfigRaw: {},
    plugins: [reportBuiltins(builtinImports)],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild gave no output");
  return {
    code: output.text,
    ownFiles: ownFilesOf(metafile),
    builtinImports,
    leftOutside: Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.map(({ path }) => path),
    ),
  };
};

/** Finds all at once, where esbuild would stop at the first, or find a package of that name. */
const reportBuiltins = (found: string[]): Plugin => ({
  name: "report-builtins",
  setup: ({ onResolve }) => {
    onResolve({ filter: /.*/ }, ({ path, importer }) => {
      if (!isBuiltin(path)) return undefined;
      found.push(`${relative(packageFolder, importer)} imports ${path}`);
      return { path, external: true };
    });
  },
});

const ownFilesOf = ({ inputs }: Metafile): readonly string[] =>
  Object.keys(inputs)
    .map((path) => resolve(packageFolder, path))
    .filter((path) => !relative(distFolder, path).startsWith(".."));
