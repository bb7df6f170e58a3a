import type { Style } from "./output.ts";
import { safeText } from "./safe-text.ts";

/** How JSON is shown to people. */
export interface JsonTextOptions {
  readonly columns: number;
  /** Longer lists are folded; Infinity: never. */
  readonly mostItems: number;
  readonly style: Style;
}

const STEP = "  ";

const isScalar = (value: unknown): boolean => typeof value !== "object" || value === null;

/** JSON of a value on one line, safe to print on a terminal. */
export const lineOf = (value: unknown): string => safeText(JSON.stringify(value) ?? "null");

/** Puts words into lines that are as full as they can be. */
const fill = (words: readonly string[], width: number): string[] => {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
};

/** JSON of a value as people read it: lists of numbers fill lines, long ones are folded in their middle. */
export const jsonText = (value: unknown, options: JsonTextOptions, indent = ""): string => {
  const { columns, style } = options;
  const line = lineOf(value);
  if (isScalar(value)) return line;
  const isLong = Array.isArray(value) && value.length > options.mostItems;
  if (!isLong && indent.length + line.length <= columns) return line;
  const inner = `${indent}${STEP}`;
  if (!Array.isArray(value)) {
    const entries = Object.entries(value as object).map(
      ([name, each]) => `${inner}${style.name(lineOf(name))}: ${jsonText(each, options, inner)}`,
    );
    return entries.length === 0 ? "{}" : `{\n${entries.join(",\n")}\n${indent}}`;
  }
  const items: readonly unknown[] = value;
  const { mostItems } = options;
  const head = isLong ? Math.ceil(mostItems / 2) : items.length;
  const tail = isLong ? items.slice(items.length - Math.floor(mostItems / 2)) : [];
  const folded = isLong ? [style.dim(`… ${String(items.length - mostItems)} more …`)] : [];
  const lines = (some: readonly unknown[], isLast: boolean): string[] => {
    const texts = some.map((each, at) => {
      const comma = isLast && at === some.length - 1 ? "" : ",";
      return `${jsonText(each, options, inner)}${comma}`;
    });
    return some.every(isScalar) ? fill(texts, columns - inner.length) : texts;
  };
  const all = [...lines(items.slice(0, head), !isLong), ...folded, ...lines(tail, true)];
  return `[\n${all.map((each) => `${inner}${each}`).join("\n")}\n${indent}]`;
};
