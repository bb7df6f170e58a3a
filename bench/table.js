// @ts-check

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {readonly string[]} columns
 * @property {readonly (readonly string[])[]} rows An empty row is an empty line.
 * @property {number} [texts] How many columns, from the left, hold text; the others hold numbers. Default 1.
 */

const GAP = "  ";

/** @param {Table} table @returns {string} */
export const tableText = ({ title, columns, rows, texts = 1 }) => {
  const widths = columns.map((_, column) =>
    Math.max(...[columns, ...rows].map((row) => (row[column] ?? "").length)),
  );
  /** @param {readonly string[]} cells */
  const line = (cells) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < texts ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(GAP)
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join(GAP);
  return [title, "", line(columns), rule, ...rows.map(line)].join("\n");
};
