// @ts-check
import { readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";

const SOURCES = new URL("../../packages/client/src/", import.meta.url);
const DOCUMENT = new URL("../../CONTRIBUTING.md", import.meta.url);
const BLOCK = /(?<=<!-- drawn by tools\/path-length\.js -->\n\n```text\n)[^`]*(?=```\n)/;
const EXPORT = /^export (?:abstract )?(?:const|class|function) (\w+)/gm;
const WIDTH = 98;

/** Words in lines that are not too wide, all but the first of them indented. @param {string} text @param {string} indent */
const wrap = (text, indent) => {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && `${line} ${word}`.length > WIDTH - indent.length) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join(`\n${indent}`);
};

/** One file of the way: what it exports, and what it imports of the others. @param {string} path @param {ReadonlySet<string>} way */
const drawFile = (path, way) => {
  const source = readFileSync(new URL(path, SOURCES), "utf8");
  const names = [...source.matchAll(EXPORT)].map(([, name]) => name);
  const imported = ts
    .preProcessFile(source)
    .importedFiles.map(({ fileName }) => posix.join(posix.dirname(path), fileName))
    .filter((target) => way.has(target))
    .toSorted();
  const imports = new Set(imported.map((target) => target.replace(/\.ts$/, "")));
  const lines = [`${path}: ${names.join(", ")}`, `imports ${[...imports].join(", ")}`];
  return (imports.size === 0 ? lines.slice(0, 1) : lines)
    .map((line, index) => `${index === 0 ? "  " : "      "}${wrap(line, "      ")}\n`)
    .join("");
};

/**
 * The files of the way, as text.
 * @param {{ classes: readonly string[], out: Iterable<string>, in: Iterable<string> }} way Paths of built files.
 */
export const drawWay = (way) => {
  const [out, incoming] = [way.out, way.in].map((paths) =>
    [...paths].map((path) => path.replace(/\.js$/, ".ts")).toSorted(),
  );
  const all = new Set([...(out ?? []), ...(incoming ?? [])]);
  const [drawnOut, drawnIn] = [out, incoming].map((paths) =>
    paths?.map((path) =>
      paths === incoming && out?.includes(path) ? `  ${path}: see above\n` : drawFile(path, all),
    ),
  );
  return (
    `${[...way.classes, "socket"].join(" → ")}\n\n` +
    `out, ${out?.length} files\n${drawnOut?.join("")}\n` +
    `in, ${incoming?.length} files\n${drawnIn?.join("")}`
  );
};

/** Whether the drawing is the one in CONTRIBUTING.md. @param {string} drawing */
export const isDrawn = (drawing) => BLOCK.exec(readFileSync(DOCUMENT, "utf8"))?.[0] === drawing;

/** Puts the drawing into CONTRIBUTING.md. @param {string} drawing */
export const writeDrawing = (drawing) => {
  writeFileSync(
    DOCUMENT,
    readFileSync(DOCUMENT, "utf8").replace(BLOCK, () => drawing),
  );
};
