import { describe, expect, test } from "vitest";
import { PayloadHandler, TopicError } from "../../src/index.ts";
import {
  encodeStatus,
  epochMsOf,
  readStatus,
  statusFilterOf,
  statusIdentifier,
  statusTopicOf,
} from "../../src/protocol/status.ts";
import { matchesFilter } from "../../src/protocol/topic-filter.ts";

const NAMESPACE = "gf_int_v1";

describe("the topic of a status", () => {
  test("names the device, and gives its name back", () => {
    const topic = statusTopicOf(NAMESPACE, "2D_XX_0_9999");
    expect(topic).toBe("gf_int_v1/device/system/2D_XX_0_9999/status");
    expect(statusIdentifier(NAMESPACE, topic)).toBe("2D_XX_0_9999");
    expect(matchesFilter(statusFilterOf(NAMESPACE), topic)).toBe(true);
  });

  test.each([
    "gf_int_v1/device/system//status",
    "gf_int_v1/device/system/status",
    "gf_int_v1/device/system/a/b/status",
    "gf_int_v1/device/system/a/statuses",
    "gf_int_v1/axuv/system/a/status",
    "gf_int_v1/device/event/a/status",
    "other/device/system/a/status",
  ])("is not %s", (topic) => {
    expect(statusIdentifier(NAMESPACE, topic)).toBeUndefined();
  });

  test("must not be longer than topics are", () => {
    expect(() => statusTopicOf(NAMESPACE, "x".repeat(65_535))).toThrow(TopicError);
  });
});

describe("the payload of a status", () => {
  test("is a general payload, and gives back what it was made of", () => {
    const text = encodeStatus("OFFLINE", 1_745_534_869_619);
    expect(text).toBe(
      '{"body":{"state":"OFFLINE","last_updated":"1745534869619"},"timestamp":1745534869619}',
    );
    const payload = new PayloadHandler().parsePayload(text);
    expect(payload).not.toHaveProperty("header");
    expect(readStatus(payload)).toEqual({ state: "OFFLINE", lastUpdated: 1_745_534_869_619 });
  });

  test.each([
    [{ body: { state: "ONLINE", last_updated: 5 }, timestamp: 7 }, 5],
    [{ body: { state: "ONLINE", last_updated: "x" }, timestamp: "7" }, 7],
    [{ body: { state: "ONLINE" } }, undefined],
    [{ body: { state: "ONLINE", last_updated: 1.5 }, timestamp: 1e300 }, undefined],
  ])("of %j is of %s", (payload, lastUpdated) => {
    expect(readStatus(payload)).toEqual({ state: "ONLINE", lastUpdated });
  });

  test.each([
    null,
    "ONLINE",
    [],
    {},
    { body: null },
    { body: "ONLINE" },
    { body: [{ state: "ONLINE" }] },
    { body: { state: "online" } },
    { body: { state: true } },
  ])("is not %j", (payload) => {
    expect(readStatus(payload)).toBeUndefined();
  });

  test.each([
    [0, 0],
    ["0", 0],
    ["1745534869619", 1_745_534_869_619],
    ["9".repeat(16), undefined],
    ["-1", undefined],
    [8.64e15 + 1, undefined],
    [NaN, undefined],
    [null, undefined],
  ])("takes the time %j for %s", (value, ms) => {
    expect(epochMsOf(value)).toBe(ms);
  });
});
