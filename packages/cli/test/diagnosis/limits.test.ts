import { expect, test } from "vitest";

import type { ConnackProperties } from "../../src/diagnosis/network/probe-link.ts";
import { LIMITS } from "../../src/diagnosis/limit-checks.ts";

test.each([
  ["packet", {}, "ok", "packets of any size"],
  ["packet", { maximumPacketSize: 4_095 }, "failed", "packets of 4 kB at most: longer"],
  ["packet", { maximumPacketSize: 1_048_576 }, "ok", "packets of 1 MB at most"],
  ["receive-maximum", {}, "ok", "any number of unacknowledged messages"],
  ["receive-maximum", { receiveMaximum: 9 }, "failed", "only 9 unacknowledged messages"],
  ["receive-maximum", { receiveMaximum: 20 }, "ok", "20 unacknowledged messages"],
  ["keep-alive", {}, "ok", "as the client asks for"],
  ["keep-alive", { serverKeepAlive: 4 }, "failed", "every 4 s"],
  ["keep-alive", { serverKeepAlive: 60 }, "ok", "every 60 s"],
  ["keep-alive", { serverKeepAlive: 0 }, "ok", "every 0 s"],
  ["qos", {}, "ok", "0, 1 and 2"],
  ["qos", { maximumQoS: 1 }, "ok", "0 and 1"],
  ["qos", { maximumQoS: 0 }, "failed", "0 alone"],
  ["retain", {}, "ok", "allowed"],
  ["retain", { retainAvailable: false }, "failed", "the broker keeps no messages"],
  ["wildcards", {}, "ok", "allowed"],
  ["wildcards", { wildcardSubscriptionAvailable: false }, "failed", "allows none"],
  ["shared", {}, "ok", "tried below"],
  ["shared", { sharedSubscriptionAvailable: false }, "unknown", "the broker has none"],
  ["session", {}, "ok", "as long as the client asks for"],
  ["session", { sessionExpiryInterval: 0 }, "ok", "they end with the connection"],
  ["session", { sessionExpiryInterval: 60 }, "ok", "kept for 60 s"],
] as const)("of %s, %j is %s: %s", (...[id, told, status, text]) => {
  const properties: ConnackProperties = told;
  const verdict = LIMITS[id].read(properties);
  expect(verdict.status).toBe(status);
  expect(verdict.text).toContain(text);
  expect(verdict.advice === undefined).toBe(status !== "failed");
});
