import { fromHex } from "../instrument/waveform.ts";
import { isJsonObject } from "../json-object.ts";
import type { Output } from "../terminal/output.ts";
import { drawPlot, rangeOf } from "../terminal/plot.ts";
import { safeText } from "../terminal/safe-text.ts";

/** Numbers to be drawn. */
export interface Series {
  /** Undefined: it is all that there is. */
  readonly name: string | undefined;
  readonly values: ArrayLike<number>;
  readonly unit: string | undefined;
  /** From one value to the next, in s. */
  readonly dt: number | undefined;
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "number");

// Samples as the instruments send them: four digits each.
const HEX_SAMPLES = /^(?:[0-9a-f]{4})+$/i;

const valuesOf = (value: unknown): ArrayLike<number> | undefined => {
  if (isNumbers(value)) return value;
  return typeof value === "string" && HEX_SAMPLES.test(value) ? fromHex(value) : undefined;
};

/** A metric: `{ name, data, properties: { unit, dt } }`. */
const metricOf = (value: unknown): Series | undefined => {
  if (!isJsonObject(value)) return undefined;
  const values = valuesOf(value["data"]);
  if (values === undefined) return undefined;
  const { name, properties } = value;
  const { unit, dt } = isJsonObject(properties) ? properties : {};
  return {
    name: typeof name === "string" ? name : undefined,
    values,
    unit: typeof unit === "string" ? unit : undefined,
    dt: typeof dt === "number" ? dt : undefined,
  };
};

const plain = (name: string | undefined, values: readonly number[]): Series => ({
  name,
  values,
  unit: undefined,
  dt: undefined,
});

/** What in a body can be drawn: a list of numbers, lists in a list or an object, or metrics with their samples. */
export const seriesOf = (body: unknown): readonly Series[] => {
  if (isNumbers(body)) return [plain(undefined, body)];
  if (Array.isArray(body)) {
    return body.flatMap((each, at) =>
      isNumbers(each) ? [plain(String(at), each)] : (metricOf(each) ?? []),
    );
  }
  if (!isJsonObject(body)) return [];
  const own = metricOf(body);
  if (own !== undefined) return [own];
  const { metrics } = body;
  if (Array.isArray(metrics)) return seriesOf(metrics);
  return Object.entries(body).flatMap(([name, each]) =>
    isNumbers(each) ? [plain(name, each)] : [],
  );
};

const ROWS = 8;
const MOST_COLUMNS = 120;
const MS_PER_S = 1_000;

/** Draws series below one another, each with its range and its unit. */
export const showSeries = ({ line, style, columns }: Output, series: readonly Series[]): void => {
  for (const { name, values, unit = "", dt } of series) {
    const [low, high] = rangeOf(values);
    const count = `${String(values.length)} values`;
    const length = dt === undefined ? "" : ` in ${(values.length * dt * MS_PER_S).toFixed(2)} ms`;
    const range = `from ${String(low)} to ${String(high)} ${safeText(unit)}`.trimEnd();
    line(
      `${name === undefined ? "" : `${style.bold(safeText(name))}: `}${count}${length}, ${range}`,
    );
    for (const row of drawPlot(values, { columns: Math.min(columns, MOST_COLUMNS), rows: ROWS })) {
      line(row);
    }
  }
};
