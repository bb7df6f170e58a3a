import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TopicError } from "../../src/errors/input-errors.ts";
import { matchesFilter } from "../../src/protocol/topic-filter.ts";
import { TopicManager } from "../../src/protocol/topic.ts";

const topics = new TopicManager();

const segment = fc
  .string({ unit: "grapheme", minLength: 1 })
  .filter((text) => !/[+#/\0]/.test(text));

const BAD_SEGMENTS = ["", "+", "#", "a+b", "a#", "a/b", "/", "a\0b", "\ud800"];

describe("TopicManager", () => {
  test("builds the topic of a request", () => {
    expect(topics.buildRequestTopic("2D_XX_0_9999", "axuv", "abc123")).toBe(
      "gf_int_v1/axuv/request/2D_XX_0_9999/abc123",
    );
  });

  test("builds the topic of its response", () => {
    expect(topics.buildResponseTopic("gf_int_v1/axuv/request/2D_XX_0_9999/abc123")).toBe(
      "gf_int_v1/axuv/response/2D_XX_0_9999/abc123",
    );
  });

  test("answers for another device when asked to", () => {
    expect(topics.buildResponseTopic("gf_int_v1/axuv/request/a/abc123", "b")).toBe(
      "gf_int_v1/axuv/response/b/abc123",
    );
  });

  test("answers in its own namespace, with the last segment of a longer topic", () => {
    expect(new TopicManager("lab").buildResponseTopic("other/axuv/request/a/b/c/last")).toBe(
      "lab/axuv/response/a/last",
    );
  });

  test("builds the filter for the requests to a device", () => {
    expect(topics.buildRequestFilter("dev", "axuv")).toBe("gf_int_v1/axuv/request/dev/+");
    const filter = topics.buildRequestFilter("2D_XX_0_9999");
    expect(filter).toBe("gf_int_v1/+/request/2D_XX_0_9999/+");
    expect(matchesFilter(filter, topics.buildRequestTopic("2D_XX_0_9999", "axuv", "1"))).toBe(true);
    expect(matchesFilter(filter, topics.buildRequestTopic("other", "axuv", "1"))).toBe(false);
  });

  test("builds the filter for the responses that end in one segment", () => {
    const filter = topics.buildResponseFilter("mailbox");
    expect(filter).toBe("gf_int_v1/+/response/+/mailbox");
    const request = topics.buildRequestTopic("2D_XX_0_9999", "axuv", "mailbox");
    expect(matchesFilter(filter, topics.buildResponseTopic(request))).toBe(true);
    expect(matchesFilter(filter, request)).toBe(false);
  });

  test.each([
    ["a/b/c/d", "d"],
    ["a/b/c/d/e/f", "d"],
    ["a/b/c/", ""],
    ["a/b/c", undefined],
    ["", undefined],
  ])("finds the device of %j: %j", (topic, target) => {
    expect(topics.getTargetDeviceTagFromTopic(topic)).toBe(target);
  });

  test.each([
    ["ns/sub/request/dev/id", ["ns", "sub", "request", "dev", "id"]],
    ["ns/sub/event/dev/x/y/id", ["ns", "sub", "event", "dev", "id"]],
    ["////", ["", "", "", "", ""]],
  ])("takes %s apart", (topic, [namespace, subsystem, type, target, lastSegment]) => {
    const parts = { namespace, subsystem, type, target, lastSegment };
    expect(topics.getParts(topic)).toEqual({ ...parts, requestId: lastSegment });
  });

  test.each(["", "a", "a/b/c/d", "incomplete/topic"])("does not take %j apart", (topic) => {
    expect(topics.getParts(topic)).toBeUndefined();
  });

  test.each(["invalid/topic/format", "", "a/b/request/c"])(
    "finds no response topic for %j",
    (topic) => {
      expect(() => topics.buildResponseTopic(topic)).toThrow(
        `invalid request topic ${JSON.stringify(topic)}: expected 5 segments or more`,
      );
    },
  );

  test.each([
    "ns//request/dev/id",
    "ns/sub/request//id",
    "ns/sub/request/dev/",
    "ns/+/request/a/b",
  ])("does not answer on a topic that nobody could publish on: %s", (topic) => {
    expect(() => topics.buildResponseTopic(topic)).toThrow(TopicError);
  });

  test.each(BAD_SEGMENTS)("refuses the segment %j, by its name", (bad) => {
    const error = expect.objectContaining({ code: "INVALID_TOPIC", value: bad });
    for (const [run, subject] of [
      [() => topics.buildRequestTopic(bad, "sub", "id"), "target device tag"],
      [() => topics.buildRequestTopic("dev", bad, "id"), "subsystem"],
      [() => topics.buildRequestTopic("dev", "sub", bad), "last segment"],
      [() => topics.buildRequestFilter(bad), "target device tag"],
      [() => topics.buildResponseFilter(bad), "last segment"],
      [() => topics.buildResponseTopic("ns/sub/request/dev/id", bad), "target device tag"],
      [() => new TopicManager(bad), "namespace"],
    ] as const) {
      expect(run).toThrow(error);
      expect(run).toThrow(`invalid ${subject} `);
    }
  });

  test.each(["$SYS", "$share"])("refuses the namespace %s, which is the broker's", (namespace) => {
    expect(() => new TopicManager(namespace)).toThrow("must not start with $");
  });

  test("refuses a topic beyond 65,535 bytes", () => {
    const room = 65_535 - "gf_int_v1/sub/request//id".length;
    const device = "é".repeat(Math.floor(room / 2));
    expect(topics.buildRequestTopic(device, "sub", "id")).toContain(device);
    expect(() => topics.buildRequestTopic(`${device}é`, "sub", "id")).toThrow("65535 bytes");
    expect(() => topics.buildRequestFilter("x".repeat(65_520))).toThrow("65535 bytes");
    expect(() => topics.buildResponseFilter("x".repeat(65_520))).toThrow("65535 bytes");
  });

  test("bears with callers that are not type-checked", () => {
    for (const value of [undefined, null, 5, {}]) {
      const topic: string = JSON.parse(JSON.stringify({ value })).value;
      expect(topics.getParts(topic)).toBeUndefined();
      expect(topics.getTargetDeviceTagFromTopic(topic)).toBeUndefined();
      expect(() => topics.buildResponseTopic(topic)).toThrow(TopicError);
    }
  });

  test("takes apart what it builds", () => {
    fc.assert(
      fc.property(
        segment.filter((text) => !text.startsWith("$")),
        fc.record({ subsystem: segment, target: segment, lastSegment: segment }),
        (namespace, rest) => {
          const manager = new TopicManager(namespace);
          const topic = manager.buildRequestTopic(rest.target, rest.subsystem, rest.lastSegment);
          const parts = { namespace, ...rest, requestId: rest.lastSegment };
          expect(manager.getParts(topic)).toEqual({ ...parts, type: "request" });
          expect(manager.getTargetDeviceTagFromTopic(topic)).toBe(rest.target);
          const answer = manager.buildResponseTopic(topic);
          expect(manager.getParts(answer)).toEqual({ ...parts, type: "response" });
        },
      ),
    );
  });
});
