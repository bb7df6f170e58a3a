import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Rights of a file and of its folder; default: the system's. */
export interface FileRights {
  readonly file?: number;
  readonly folder?: number;
}

/** Writes a file, and its folder where there is none. Whoever reads meanwhile gets the old one whole. */
export const replaceFile = async (
  file: string,
  text: string,
  rights: FileRights = {},
): Promise<void> => {
  const unfinished = `${file}.${String(process.pid)}`;
  await mkdir(dirname(file), { recursive: true, mode: rights.folder });
  await writeFile(unfinished, text, { mode: rights.file });
  await rename(unfinished, file);
};
