import { stripVTControlCharacters } from "node:util";

const GAP = "  ";

/** How wide a text is on a terminal; colours do not count. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** Lines of a table, its columns as wide as their widest cell; colours do not count. */
export const tableLines = (rows: readonly (readonly string[])[]): string[] => {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => widthOf(row[at] ?? ""))),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => `${cell}${" ".repeat((widths[at] ?? 0) - widthOf(cell))}`)
      .join(GAP)
      .trimEnd(),
  );
};
