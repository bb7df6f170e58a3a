import { describe, expect, test } from "vitest";
import { UserFilters } from "../../src/client/user-filters.ts";

const filtersWith = (...filters: readonly string[]): UserFilters => {
  const userFilters = new UserFilters(["gateway"]);
  for (const filter of filters) userFilters.add(filter);
  return userFilters;
};

describe("UserFilters", () => {
  test("knows the filters that were added, once each", () => {
    const filters = filtersWith("a", "a", "b");
    expect(["a", "b", "c"].map((filter) => filters.has(filter))).toEqual([true, true, false]);
    expect(filters.remove("a")).toBe(true);
    expect(filters.remove("a")).toBe(false);
    expect(filters.has("a")).toBe(false);
  });

  test("match a topic when any of them does", () => {
    const filters = filtersWith("events/#", "gf_int_v1/+/response/+/x");
    expect(filters.matches("events/a/b")).toBe(true);
    expect(filters.matches("gf_int_v1/axuv/response/device/x")).toBe(true);
    expect(filters.matches("gf_int_v1/axuv/response/device/y")).toBe(false);
    expect(filtersWith().matches("events/a")).toBe(false);
  });
});

describe("how many further copies of a topic may come", () => {
  const own = "gf_int_v1/axuv/request/gateway/1";
  const other = "gf_int_v1/axuv/request/device/1";

  test.each<readonly [readonly string[], string, number]>([
    [[], own, 0],
    [["gf_int_v1/+/request/gateway/+"], own, 1],
    [["gf_int_v1/#"], own, 1],
    [["gf_int_v1/#"], other, 0],
    [["gf_int_v1/#", "#"], other, 1],
    [["gf_int_v1/#", "events/#"], other, 0],
    [["gf_int_v1/#", "#"], own, 2],
    [["events/#"], own, 0],
  ])("with the filters %j on %s: %s", (filters, topic, copies) => {
    expect(filtersWith(...filters).copiesOn(topic)).toBe(copies);
  });
});

describe("whether a client may answer for a target", () => {
  test("is certain for its own identifier", () => {
    expect(filtersWith().serves("gateway")).toBe(true);
    expect(filtersWith().serves("device")).toBe(false);
  });

  test.each([
    "gf_int_v1/+/request/device/+",
    "other/axuv/request/device/#",
    "$share/gateways/gf_int_v1/+/request/device/+",
  ])("follows from a subscription to its requests by name, as of gateways: %s", (filter) => {
    const filters = filtersWith(filter);
    expect(filters.serves("device")).toBe(true);
    expect(filters.serves("other")).toBe(false);
  });

  test.each([
    "#",
    "gf_int_v1/#",
    "gf_int_v1/+/request/+/+",
    "gf_int_v1/+/request/#",
    "gf_int_v1/+/response/device/+",
    "gf_int_v1/+/+/device/+",
    "a/b/request",
  ])("does not follow from a monitor's subscription: %s", (filter) => {
    expect(filtersWith(filter).serves("device")).toBe(false);
  });

  test("ends with the subscription", () => {
    const filters = filtersWith("gf_int_v1/+/request/device/+");
    filters.remove("gf_int_v1/+/request/device/+");
    expect(filters.serves("device")).toBe(false);
  });
});
