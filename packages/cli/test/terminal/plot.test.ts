import { expect, test } from "vitest";
import { drawPlot, rangeOf } from "../../src/terminal/plot.ts";

test("a plot rises from the bottom left to the top right", () => {
  expect(drawPlot([0, 1, 2, 3, 4, 5, 6, 7], { columns: 4, rows: 2 })).toEqual(["⠀⠀⡠⠊", "⡠⠊⠀⠀"]);
});

test("what does not change is a line, and what is not there is nothing", () => {
  expect(drawPlot([5, 5, 5, 5], { columns: 2, rows: 1 })).toEqual(["⣀⣀"]);
  expect(drawPlot([], { columns: 2, rows: 1 })).toEqual(["⠀⠀"]);
});

test("many values in one column are drawn as their range", () => {
  const values = Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? 0 : 7));
  expect(drawPlot(values, { columns: 2, rows: 2 })).toEqual(["⣿⣿", "⣿⣿"]);
});

test("the range is that of all values", () => {
  expect(rangeOf([3, -1, 2])).toEqual([-1, 3]);
  expect(rangeOf([])).toEqual([0, 0]);
});
