import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";

import { Repeats, requestKey } from "../../src/client/repeats.ts";
import type { Handled, RequestKey } from "../../src/client/repeats.ts";
import { ManualClock } from "../runtime/manual-clock.ts";

const LIMITS = { maxAnswers: 100, maxBytes: 100_000, keepMs: 1_000 };
const repeats = (): Repeats => new Repeats(LIMITS, new ManualClock());

const begin = (all: Repeats, key: RequestKey): Handled => {
  const verdict = all.begin(key, {}, 0);
  if (typeof verdict === "object" && "key" in verdict) return verdict;
  throw new Error("it was taken for a repeat");
};
const answer = (all: Repeats, key: RequestKey, text: string): void => {
  all.keep(key, { header: {}, code: 205 }, { payload: text, qos: 0 });
};

describe("one id on several topics", () => {
  const keys = ["t/a", "t/b", "t/c"].map((topic) => requestKey(topic, "1"));

  test.each([
    ["at the same time", false],
    ["one after the other", true],
  ])("%s, gets the answer of each", (_when, endsFirst) => {
    const all = repeats();
    const handled = keys.map((key) => {
      const one = begin(all, key);
      if (endsFirst) {
        answer(all, key, key.topic);
        all.end(one, true);
      }
      return one;
    });
    if (!endsFirst) {
      for (const key of keys) answer(all, key, key.topic);
      for (const one of handled) all.end(one, true);
    }
    expect(keys.map((key) => all.begin(key, {}, 0))).toMatchObject([
      { payload: "t/a" },
      { payload: "t/b" },
      { payload: "t/c" },
    ]);
  });

  test("is answered on the topic that is meant", () => {
    const all = repeats();
    for (const key of keys) begin(all, key);
    for (const key of keys.slice(0, 1)) answer(all, key, "first");
    expect(keys.map((key) => all.isAnswered(key, {}))).toEqual([true, false, false]);
  });
});

const anyKey = fc
  .tuple(fc.constantFrom("t/a", "t/b"), fc.constantFrom("1", "2", "1\0t/a", "2\0t/b"))
  .map(([topic, id]) => requestKey(topic, id));

property.prop([fc.array(anyKey, { minLength: 1, maxLength: 40 })])(
  "each topic and id runs once, whatever comes in which order",
  (keys) => {
    const all = repeats();
    const seen = new Set<string>();
    for (const key of keys) {
      const name = JSON.stringify(key);
      const verdict = all.begin(key, {}, 0);
      if (seen.has(name)) {
        expect(verdict).toMatchObject({ payload: name });
        continue;
      }
      seen.add(name);
      expect(verdict).toMatchObject({ key });
      answer(all, key, name);
      if (typeof verdict === "object" && "key" in verdict) all.end(verdict, true);
    }
  },
);
