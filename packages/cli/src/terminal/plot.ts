/** How large a plot is, in characters. */
export interface PlotSize {
  readonly columns: number;
  readonly rows: number;
}

/** Dots of a braille character, by column and row, as bits from U+2800 on. */
const DOTS: readonly (readonly number[])[] = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
const DOT_COLUMNS = 2;
const DOT_ROWS = 4;
const BLANK = 0x2800;

/** The lowest and the highest value; 0 and 0 where there is none. */
export const rangeOf = (values: ArrayLike<number>): readonly [low: number, high: number] => {
  let [low, high] = [Infinity, -Infinity];
  for (const value of Array.from(values)) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 0] : [low, high];
};

/** Draws values from left to right as a line of braille dots; where several fall into a column of dots, their range. */
export const drawPlot = (values: ArrayLike<number>, { columns, rows }: PlotSize): string[] => {
  const cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => BLANK));
  const [low, high] = rangeOf(values);
  const [width, height] = [columns * DOT_COLUMNS, rows * DOT_ROWS];
  const scale = high === low ? 0 : (height - 1) / (high - low);
  const all = Array.from(values);
  for (let x = 0; x < width && all.length > 0; x += 1) {
    const from = Math.floor((x * all.length) / width);
    const to = Math.max(from + 1, Math.floor(((x + 1) * all.length) / width));
    const [lowest, highest] = rangeOf(all.slice(from, to));
    const bottom = Math.round((lowest - low) * scale);
    const top = Math.round((highest - low) * scale);
    for (let y = bottom; y <= top; y += 1) {
      const down = height - 1 - y;
      const cell = cells[Math.floor(down / DOT_ROWS)];
      const column = Math.floor(x / DOT_COLUMNS);
      const dot = DOTS[x % DOT_COLUMNS]?.[down % DOT_ROWS] ?? 0;
      if (cell !== undefined) cell[column] = (cell[column] ?? BLANK) | dot;
    }
  }
  return cells.map((row) => String.fromCodePoint(...row));
};
