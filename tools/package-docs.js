// @ts-check
// Gives the client's package its documents: README, changelog, guide, reference and examples. Run by npm before it
// packs, since npm packs only what lies in the package's own folder.
// usage: node tools/package-docs.js
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { toPackaged } from "./package-links.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "packages/client");

/** What a package has of the repository, by path: files, and all files of some kinds in folders. */
const FILES = ["README.md", "CHANGELOG.md"];
const FOLDERS = { docs: ".md", "docs/reference": ".md", examples: ".js" };

/** @param {string} folder @param {string} ending */
const filesIn = (folder, ending) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

/** @param {string} path */
const changedAt = (path) => statSync(path).mtimeMs;

/** Whether the reference was made from the sources as they are. */
const isReferenceFresh = () => {
  const made = join(root, "docs/reference/index.md");
  if (!existsSync(made)) return false;
  const sources = readdirSync(join(target, "src"), { recursive: true, encoding: "utf8" });
  return sources.every((path) => changedAt(join(target, "src", path)) < changedAt(made));
};

if (!isReferenceFresh()) {
  execFileSync("npm", ["run", "--silent", "docs"], {
    cwd: root,
    // Whoever packs reads the name of the package from what npm prints.
    stdio: ["ignore", "ignore", "inherit"],
  });
}
const packaged = [
  ...FILES,
  ...Object.entries(FOLDERS).flatMap(([folder, ending]) => filesIn(folder, ending)),
];
/** @param {string} path */
const isPackaged = (path) =>
  packaged.includes(path) ||
  packaged.some((file) => file.startsWith(`${path.replace(/\/$/, "")}/`));

for (const path of [...FILES, ...Object.keys(FOLDERS)]) {
  rmSync(join(target, path), { recursive: true, force: true });
}
for (const path of packaged) {
  const text = readFileSync(join(root, path), "utf8");
  mkdirSync(dirname(join(target, path)), { recursive: true });
  const written = path.endsWith(".md") ? toPackaged(text, { path, isPackaged }) : text;
  writeFileSync(join(target, path), written);
}
