import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root: string = fileURLToPath(new URL("../../..", import.meta.url));

/** The text of a file of the repository. */
export const readText = (path: string): string => readFileSync(join(root, path), "utf8");

const markdownIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);

/** The client's package gets the documents of the repository when it is packed. */
const COPIED = "packages/client/";

const packageReadmes = (): readonly string[] =>
  readdirSync(join(root, "packages"))
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .flatMap(markdownIn)
    .filter((path) => !path.startsWith(COPIED));

/** The documents for users, whose snippets have to work. */
export const guidePaths: readonly string[] = [
  "README.md",
  ...markdownIn("docs"),
  ...packageReadmes(),
];

/** All documents, those for contributors included. */
export const documentPaths: readonly string[] = [...guidePaths, "CHANGELOG.md", "CONTRIBUTING.md"];
