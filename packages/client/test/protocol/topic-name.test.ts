import { describe, expect, test } from "vitest";
import { TopicError } from "../../src/errors/input-errors.ts";
import { assertSegment, assertTopicName } from "../../src/protocol/topic-name.ts";

describe("assertSegment", () => {
  test.each(["a", "2D_XX_0_9999", "with space", "ünïcødé ☃ 𝄞", "$x", "."])(
    "takes %j",
    (segment) => {
      expect(() => assertSegment(segment, "subsystem")).not.toThrow();
    },
  );

  test.each([
    ["", "must not be empty"],
    ["a+", "must not contain the wildcards + and #"],
    ["#", "must not contain the wildcards + and #"],
    ["a/b", "must not contain /"],
    ["a\0", "must not contain the character NUL"],
    ["a\udc00", "must not contain half a surrogate pair"],
    ["x".repeat(65_536), "must not exceed 65535 bytes of UTF-8, has 65536"],
    [5, "must be a string"],
    [undefined, "must be a string"],
    [null, "must be a string"],
    [["a"], "must be a string"],
  ])("refuses %j", (segment, reason) => {
    expect(() => assertSegment(segment, "subsystem")).toThrow(
      expect.objectContaining({ subject: "subsystem", value: segment, reason }),
    );
  });
});

describe("assertTopicName", () => {
  test.each(["a", "/", "a/b/c", "//", "$SYS/broker", "x".repeat(65_535), "é".repeat(32_767)])(
    "takes a topic to publish to",
    (topic) => {
      expect(() => assertTopicName(topic)).not.toThrow();
    },
  );

  test.each([
    "",
    "a/+/b",
    "a/#",
    "a\0",
    "a\n",
    "a\u001f",
    "a\u007f",
    "a\u009f",
    "a\ufdd0",
    "a\u{1ffff}",
    "a/\ud800",
    "é".repeat(32_768),
    5,
    null,
  ])("refuses what no message can be published to", (topic) => {
    expect(() => assertTopicName(topic)).toThrow(TopicError);
    expect(() => assertTopicName(topic)).toThrow(/^invalid topic /);
  });
});
