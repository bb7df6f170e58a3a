import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TopicError } from "../../src/errors/input-errors.ts";
import { assertTopicFilter, matchesFilter } from "../../src/protocol/topic-filter.ts";

describe("assertTopicFilter", () => {
  test.each([
    "a",
    "/",
    "#",
    "+",
    "+/+",
    "/+",
    "a/#",
    "+/b/#",
    "a//b",
    "$SYS/#",
    "$share/group/a/+/#",
    "$share/group/#",
    "$share/group//a",
    "$shared",
    "x".repeat(65_535),
  ])("takes %s", (filter) => {
    expect(() => assertTopicFilter(filter)).not.toThrow();
  });

  test.each([
    ["", "must not be empty"],
    ["a#", "# must be alone in the last level"],
    ["a/#/b", "# must be alone in the last level"],
    ["#/a", "# must be alone in the last level"],
    ["##", "# must be alone in the last level"],
    ["a+", "+ must be alone in its level"],
    ["a/b+/c", "+ must be alone in its level"],
    ["++", "+ must be alone in its level"],
    ["a\0b", "must not contain the character NUL"],
    ["\ud800", "must not contain half a surrogate pair"],
    ["x".repeat(65_536), "must not exceed 65535 bytes of UTF-8, has 65536"],
    ["$share", "a shared subscription is $share/name/filter, its name without + and #"],
    ["$share//a", "a shared subscription is $share/name/filter, its name without + and #"],
    ["$share/+/a", "a shared subscription is $share/name/filter, its name without + and #"],
    ["$share/g#/a", "a shared subscription is $share/name/filter, its name without + and #"],
    ["$share/group", "a shared subscription is $share/name/filter, its filter not empty"],
    ["$share/group/", "a shared subscription is $share/name/filter, its filter not empty"],
    ["$share/group/a+", "+ must be alone in its level"],
    ["$share/group/#/a", "# must be alone in the last level"],
    [5, "must be a string"],
    [undefined, "must be a string"],
  ])("refuses %j", (filter, reason) => {
    expect(() => assertTopicFilter(filter)).toThrow(TopicError);
    expect(() => assertTopicFilter(filter)).toThrow(expect.objectContaining({ reason }));
  });
});

/** The rules of MQTT 5 §4.7 once more, level by level, to compare with. */
const matchesByLevel = (filter: readonly string[], topic: readonly string[]): boolean => {
  const [wanted, ...moreWanted] = filter;
  if (wanted === "#") return true;
  if (wanted === undefined || topic.length === 0) return wanted === undefined && topic.length === 0;
  return (wanted === "+" || wanted === topic[0]) && matchesByLevel(moreWanted, topic.slice(1));
};

describe("matchesFilter", () => {
  test.each([
    ["a/b", "a/b"],
    ["a/+", "a/b"],
    ["a/+", "a/"],
    ["+/+", "/a"],
    ["/+", "/a"],
    ["+", "a"],
    ["#", "a/b/c"],
    ["#", "/"],
    ["a/#", "a"],
    ["a/#", "a/"],
    ["a/#", "a/b/c"],
    ["+/#", "a"],
    ["a/+/c", "a//c"],
    ["$SYS/#", "$SYS/broker/load"],
    ["$SYS/+", "$SYS/x"],
    ["$share/group/a/+", "a/b"],
    ["$share/group/#", "a"],
    ["$share/group//a", "/a"],
    ["gf_int_v1/+/response/+/M", "gf_int_v1/axuv/response/2D_XX_0_9999/M"],
  ])("%s matches %s", (filter, topic) => {
    expect(matchesFilter(filter, topic)).toBe(true);
  });

  test.each([
    ["a/b", "a/c"],
    ["a/b", "a"],
    ["a/b", "a/b/c"],
    ["a", "a/b"],
    ["a", "A"],
    ["a", "ab"],
    ["ab", "a"],
    ["+", "/a"],
    ["+", "a/b"],
    ["a/+", "a"],
    ["a/+", "a/b/c"],
    ["a/+/#", "a"],
    ["a/#", "ab"],
    ["a/#", "b"],
    ["#", "$SYS/x"],
    ["+/x", "$SYS/x"],
    ["$share/group/#", "$SYS/x"],
    ["a/", "a"],
    ["a", "a/"],
  ])("%s does not match %s", (filter, topic) => {
    expect(matchesFilter(filter, topic)).toBe(false);
  });

  const level = fc.constantFrom("", "a", "b", "ab");
  const topic = fc.array(level, { minLength: 1, maxLength: 5 });
  const filter = fc
    .tuple(
      fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 5 }),
      fc.constantFrom("", "a", "+", "#"),
    )
    .map(([levels, last]) => [...levels, last]);

  test("agrees with the rules level by level", () => {
    fc.assert(
      fc.property(filter, topic, (f, t) => {
        expect(matchesFilter(f.join("/"), t.join("/"))).toBe(matchesByLevel(f, t));
      }),
      { numRuns: 1_000 },
    );
  });
});
