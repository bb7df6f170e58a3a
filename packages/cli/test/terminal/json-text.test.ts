import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";

import { jsonText, lineOf } from "../../src/terminal/json-text.ts";
import { createStyle } from "../../src/terminal/style.ts";

const plain = { columns: 40, mostItems: 64, style: createStyle(false) };

test("what fits is printed on a line", () => {
  expect(jsonText({ a: [1, 2, 3] }, plain)).toBe('{"a":[1,2,3]}');
});

test("lists of numbers fill lines", () => {
  const list = Array.from({ length: 30 }, (_, at) => at);
  expect(jsonText({ list }, plain)).toBe(`{
  "list": [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    11, 12, 13, 14, 15, 16, 17, 18, 19,
    20, 21, 22, 23, 24, 25, 26, 27, 28,
    29
  ]
}`);
});

test("a long list is folded in its middle", () => {
  const list = Array.from({ length: 100 }, (_, at) => at);
  expect(jsonText(list, { ...plain, mostItems: 4 })).toBe(`[
  0, 1,
  … 96 more …
  98, 99
]`);
});

property.prop([fc.jsonValue()])("it is JSON of the same value", (value) => {
  const text = jsonText(value, { ...plain, mostItems: Infinity });
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
});

property.prop([fc.string({ unit: "binary" })])("nothing in it moves the cursor", (text) => {
  expect(lineOf({ [text]: text })).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
});
